"""The page that shows the pictures side by side: docs/pages.md."""

from pathlib import Path

from tests.pictures.camera import Look
from tests.pictures.pages import CHAPTERS, all_names

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pages"
PAGE = ROOT / "docs" / "pages.md"
# Kept in git, for its weight; the command takes all four.
KEPT = [Look("en", 1280), Look("ja", 360)]
_HEAD = """# Every page in pictures

Taken by `make pictures`, which starts the real processes, lets customers buy and the
payment provider err, and goes through the shop with Chromium. It takes each page in
English and Japanese, 1280 and 360 pixels wide, into `docs/pages/`; kept in git are
English on the desktop and Japanese on the phone. The signs on a card are the offline
stand-in's for Stripe.
"""


def text() -> str:
    """Return the gallery: a table for each chapter."""
    parts = [_HEAD]
    for chapter, shots in CHAPTERS.items():
        heads = " | ".join(f"{look.language}, {look.width}" for look in KEPT)
        parts.append(f"## {chapter}\n\n| page | {heads} |\n|---|{'---|' * len(KEPT)}\n")
        parts[-1] += "".join(
            f"| {shot.title} | {_cell(shot.name, shot.title)} |\n" for shot in shots
        )
    return "\n".join(parts)


def _cell(name: str, title: str) -> str:
    shown = {360: 130, 1280: 420}
    return " | ".join(
        f'<a href="pages/{look}/{name}.webp"><img src="pages/{look}/{name}.webp" '
        f'width="{shown[look.width]}" alt="{title}, {look.language}, {look.width}"></a>'
        for look in KEPT
    )


def missing(looks: list[Look]) -> list[str]:
    """Return the pictures that were to be taken and are not there."""
    wanted = [
        Path(str(look)) / f"{name}.webp" for look in looks for name in all_names()
    ]
    return [str(path) for path in wanted if not (FOLDER / path).is_file()]
