"""Pictures from before uploads were re-encoded are rebuilt, and files of no use go."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from orders.models import OrderLine
from shop.catalogue.models import Picture
from shop.catalogue.services import index_product
from tests.support.catalogue import SVG, make_product
from tests.support.commands import call_json, refused
from tests.support.orders import make_order
from tests.support.shopping import text_of
from tests.support.uploads import SIGNATURE, encoded

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OLD = f"{'0' * 31}1.png"


@pytest.fixture(autouse=True)
def folder(media_dir: Path) -> Path:
    return media_dir / "pictures"


def old_picture(content: bytes, name: str = OLD) -> Picture:
    """Return a picture as it was stored before: as it came, for months."""
    product = make_product("mug", pictures=0)
    picture = Picture.objects.create(
        product=product, file=ContentFile(content, name=name), alt_en="A", alt_ja="絵"
    )
    index_product(product.pk)
    age(Path(picture.file.path))
    return picture


def age(path: Path) -> None:
    then = (timezone.now() - timedelta(days=60)).timestamp()
    os.utime(path, (then, then))


def document(*options: str) -> Any:
    return call_json("rebuild_pictures", *options)


def test_an_old_picture_is_rebuilt_wherever_it_is_shown(
    client: Client, folder: Path
) -> None:
    picture = old_picture(encoded())
    order = make_order()
    OrderLine.objects.update(picture=picture.file.url)

    assert document() == {
        "rebuilt": [f"pictures/{OLD}"],
        "refused": [],
        "removed": [OLD],
    }

    picture.refresh_from_db()
    assert [each["width"] for each in picture.renditions] == [320, 640, 1280]
    assert "320w" in text_of(client.get("/p/mug/"))
    assert order.lines.get().picture == picture.shown.thumbnail
    assert b"".join(client.get(picture.shown.thumbnail)).startswith(b"RIFF")
    assert sorted(path.suffix for path in folder.iterdir()) == [".webp"] * 3
    # Twice is once.
    assert document() == {"rebuilt": [], "refused": [], "removed": []}


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    picture = old_picture(encoded())
    assert document("--dry-run")["rebuilt"] == [f"pictures/{OLD}"]
    picture.refresh_from_db()
    assert picture.renditions == []
    assert [path.name for path in folder.iterdir()] == [OLD]


def test_a_drawing_of_the_demo_stays_a_drawing(folder: Path) -> None:
    picture = old_picture(SVG, OLD.replace("png", "svg"))
    assert len(document()["rebuilt"]) == 1
    picture.refresh_from_db()
    (drawing,) = picture.renditions
    assert (drawing["width"], drawing["height"]) == (9, 9)
    assert (folder.parent / drawing["name"]).read_bytes() == SVG


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (SIGNATURE, OLD, "not a JPEG, PNG or WebP picture"),
        (b"<svg/>", OLD.replace("png", "svg"), "more in it than shapes"),
    ],
)
def test_what_cannot_be_shown_is_named_and_left(
    content: bytes, name: str, reason: str
) -> None:
    picture = old_picture(content, name)
    code, message, out = refused("rebuild_pictures")
    assert code == 1
    assert "1 pictures cannot be shown: upload them again" in message
    assert f"mug: pictures/{name}: " in out
    assert reason in out
    assert Path(picture.file.path).exists()


def test_a_picture_whose_file_is_gone_is_named(folder: Path) -> None:
    product = make_product(pictures=1)
    Path(product.pictures.get().file.path).unlink()
    code, _message, out = refused("rebuild_pictures")
    assert code == 1
    assert "its file is missing" in out


def test_files_that_nothing_shows_go_once_they_are_old(folder: Path) -> None:
    product = make_product(pictures=1)
    (shown,) = folder.iterdir()
    for name in ("left-behind.webp", ".half.part", "just-written.webp", "bought.webp"):
        (folder / name).write_bytes(b"RIFF")
        age(folder / name)
    os.utime(folder / "just-written.webp")
    age(shown)
    make_order()
    OrderLine.objects.update(picture="/media/pictures/bought.webp")

    assert document()["removed"] == [".half.part", "left-behind.webp"]

    left = {path.name for path in folder.iterdir()}
    assert left == {shown.name, "just-written.webp", "bought.webp"}
    assert product.pictures.get().file.storage.exists(f"pictures/{shown.name}")
