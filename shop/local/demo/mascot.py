"""Telebi-kun, the station's mascot: a small television with a face."""

from shop.local.demo.palette import Palette
from shop.local.demo.svg import circle, ellipse, group, line, rect


def face(palette: Palette) -> list[str]:
    ink = palette.ink
    return [
        circle(-25, -7, 9.5, ink),
        circle(25, -7, 9.5, ink),
        circle(-22, -10, 2.6, "#fff"),
        circle(28, -10, 2.6, "#fff"),
        ellipse(-44, 13, 10.5, 6.5, palette.cheek),
        ellipse(44, 13, 10.5, 6.5, palette.cheek),
        line("M-15 15Q0 31 15 15", ink, 6),
    ]


def mascot(x: float, y: float, scale: float, palette: Palette, turn: float = 0) -> str:
    """Draw him around (x, y); at scale 1 his case is 160 wide and 126 high."""
    return group(
        f"translate({x} {y}) rotate({turn}) scale({scale})",
        line("M-22-60-47-101M22-60 47-101", palette.ink, 7),
        circle(-47, -103, 10, palette.ball),
        circle(47, -103, 10, palette.ball),
        rect(-80, -63, 160, 126, palette.body, 31),
        rect(-62, -45, 124, 90, "#fffefa", 22),
        *face(palette),
    )
