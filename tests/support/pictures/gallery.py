"""The index of all photographs, and copies of those kept in git."""

import shutil
from html import escape
from pathlib import Path

from django.conf import settings

from tests.support.pictures.camera import LOOKS, Camera, Look
from tests.support.pictures.pages import CHAPTERS, Shot

DOCS = Path(settings.BASE_DIR) / "docs"
FOLDER = DOCS / "pages"  # ignored by git
KEPT_FOLDER = DOCS / "pictures"
_EN, _JA = Look("en", 1280), Look("ja", 360)
# Name of a page -> the look in which README.md and docs/pages.md show it.
KEPT = {
    "category": _EN,
    "product": _JA,
    "cart": _EN,
    "confirmation": _JA,
    "order-working": _EN,
    "order-done": _JA,
    "staff-landing": _EN,
    "staff-stalled": _JA,
    "staff-order": _EN,
    "staff-resume": _EN,
    "staff-mismatches": _EN,
    "staff-shortage": _JA,
}
_WIDTHS = {1280: 420, 360: 130}  # a photograph's width in pixels -> in the index


def keep(camera: Camera, folder: Path = KEPT_FOLDER) -> None:
    """Copy the photographs kept in git, if this camera has taken them."""
    for name, look in KEPT.items():
        if look == camera.look and name in camera.taken:
            shutil.copyfile(camera.path(name), folder / f"{name}.webp")


def write_index(folder: Path = FOLDER) -> None:
    """Write index.html with the photographs in ``folder``, by chapter."""
    parts = ['<!doctype html><meta charset="utf-8"><title>Every page</title>']
    for chapter, shots in CHAPTERS.items():
        parts.append(f"<h2>{escape(chapter)}</h2>")
        parts += [_row(folder, shot) for shot in shots]
    (folder / "index.html").write_text("\n".join(parts) + "\n")


def _row(folder: Path, shot: Shot) -> str:
    paths = {look: f"{look}/{shot.name}.webp" for look in LOOKS}
    pictures = "".join(
        f'<a href="{path}"><img src="{path}" width="{_WIDTHS[look.width]}" '
        f'alt="{escape(f"{shot.title}, {look}")}"></a> '
        for look, path in paths.items()
        if (folder / path).is_file()
    )
    return f"<h3>{escape(shot.title)}</h3>{pictures}"
