"""The index of photographs, and the copies kept in git."""

import re
from pathlib import Path

from tests.support.pictures import gallery
from tests.support.pictures.camera import Camera, Look
from tests.support.pictures.pages import all_names

PHOTOGRAPH = b"a photograph"


def test_git_keeps_the_photographs_that_the_documents_show() -> None:
    files = sorted(path.stem for path in gallery.KEPT_FOLDER.iterdir())
    page = (gallery.DOCS / "pages.md").read_text()
    shown = re.findall(r'src="pictures/([^"]+)\.webp"', page)

    assert sorted(shown) == files == sorted(gallery.KEPT)
    assert set(files) <= set(all_names())


def test_only_what_the_camera_has_taken_is_copied(tmp_path: Path) -> None:
    camera = camera_with(tmp_path, Look("ja", 360), "product", "order-done", "cart")
    camera.taken.remove("order-done")  # of an earlier run
    kept = tmp_path / "kept"
    kept.mkdir()

    gallery.keep(camera, kept)

    assert [path.name for path in kept.iterdir()] == ["product.webp"]
    assert (kept / "product.webp").read_bytes() == PHOTOGRAPH


def test_the_index_shows_every_photograph_in_the_folder(tmp_path: Path) -> None:
    camera_with(tmp_path, Look("ja", 360), "product")
    camera_with(tmp_path, Look("en", 1280), "product", "cart")

    gallery.write_index(tmp_path)

    index = (tmp_path / "index.html").read_text()
    assert re.findall(r'src="([^"]+)"', index) == [
        "en-1280/product.webp",
        "ja-360/product.webp",
        "en-1280/cart.webp",
    ]


def test_a_wanted_page_that_was_not_taken_is_missing(tmp_path: Path) -> None:
    camera = camera_with(tmp_path, Look("ja", 360), "product")
    camera.names = frozenset({"product", "cart"})

    assert camera.missing(["home", "product", "cart"]) == ["cart"]


def camera_with(folder: Path, look: Look, *names: str) -> Camera:
    """Return a camera that has taken photographs of these pages."""
    camera = Camera(folder, look)
    for name in names:
        camera.path(name).parent.mkdir(parents=True, exist_ok=True)
        camera.path(name).write_bytes(PHOTOGRAPH)
        camera.taken.add(name)
    return camera
