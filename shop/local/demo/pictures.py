"""Pictures of the demo's goods, drawn from nothing: SVG text, dedicated to the public.

One drawing function per kind of thing; the ground, the light and the shadow are common.
"""

from collections.abc import Callable
from html import escape

from shop.local.demo.palette import Palette
from shop.local.demo.shapes import food, home, paper, wear
from shop.local.demo.svg import circle, ellipse, group, rect

KINDS: dict[str, Callable[[Palette], list[str]]] = {
    "apron": wear.apron,
    "badges": home.badges,
    "blu-ray": paper.blu_ray,
    "bottle": home.bottle,
    "calendar": paper.calendar,
    "cap": wear.cap,
    "cd": paper.compact_disc,
    "cookie-tin": food.cookie_tin,
    "crackers": food.crackers,
    "curry": food.curry,
    "folder": paper.folder,
    "hoodie": wear.hoodie,
    "key-ring": home.key_ring,
    "mug": home.mug,
    "notebook": paper.notebook,
    "pens": paper.pens,
    "plate": home.plate,
    "plush": home.plush,
    "poster": paper.poster,
    "pouch": home.pouch,
    "puzzle": paper.puzzle,
    "ramen": food.ramen,
    "rucksack": home.rucksack,
    "small-plush": home.small_plush,
    "socks": wear.socks,
    "stickers": paper.stickers,
    "t-shirt": wear.t_shirt,
    "tea": food.tea,
    "tote": home.tote,
    "towel": wear.towel,
    "umbrella": home.umbrella,
}
_OPENING = (
    '<svg xmlns="http://www.w3.org/2000/svg" '
    'viewBox="0 0 600 600" width="600" height="600">'
)
_LICENCE = (
    "Drawn by the shop's own generator. CC0 1.0: no rights reserved. "
    "https://creativecommons.org/publicdomain/zero/1.0/"
)


def draw(
    kind: str, hue: float, fabric: str = "white", *, close_up: bool = False
) -> str:
    """Return a square SVG of one thing; a close-up shows its middle, larger."""
    palette = Palette(hue, fabric)
    thing = [
        ellipse(300, 508, 186, 20, palette.shadow, opacity=0.17),
        *KINDS[kind](palette),
    ]
    if close_up:
        thing = [group("rotate(-6 300 340) translate(-255 -289) scale(1.85)", *thing)]
    return "".join(
        [
            _OPENING,
            f"<metadata>{escape(_LICENCE)}</metadata>",
            *_ground(palette),
            *thing,
            "</svg>\n",
        ]
    )


def _ground(palette: Palette) -> list[str]:
    return [
        '<defs><linearGradient id="ground" x1="0" y1="0" x2="1" y2="1">',
        f'<stop offset="0" stop-color="{palette.ground_light}"/>',
        f'<stop offset="1" stop-color="{palette.ground_deep}"/>',
        "</linearGradient></defs>",
        rect(0, 0, 600, 600, "url(#ground)"),
        circle(482, 122, 162, "#fff", opacity=0.3),
    ]
