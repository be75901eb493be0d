"""A pencil box for SVG: each function returns one element as text."""

from collections.abc import Mapping
from html import escape

Attribute = str | float


def _element(tag: str, *attributes: Mapping[str, Attribute]) -> str:
    written = "".join(
        f' {name.replace("_", "-")}="{escape(_plain(value))}"'
        for values in attributes
        for name, value in values.items()
    )
    return f"<{tag}{written}/>"


def _plain(value: Attribute) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def rect(
    x: float, y: float, w: float, h: float, fill: str, rx: float = 0, **more: Attribute
) -> str:
    box = {"x": x, "y": y, "width": w, "height": h, "rx": rx}
    return _element("rect", box, {"fill": fill}, more)


def circle(x: float, y: float, r: float, fill: str, **more: Attribute) -> str:
    return _element("circle", {"cx": x, "cy": y, "r": r}, {"fill": fill}, more)


def ellipse(
    x: float, y: float, rx: float, ry: float, fill: str, **more: Attribute
) -> str:
    box = {"cx": x, "cy": y, "rx": rx, "ry": ry}
    return _element("ellipse", box, {"fill": fill}, more)


def area(d: str, fill: str, **more: Attribute) -> str:
    return _element("path", {"d": d, "fill": fill}, more)


def line(d: str, stroke: str, width: float, **more: Attribute) -> str:
    """Draw an open stroke with round ends and corners, unless told otherwise."""
    ends: dict[str, Attribute] = {"stroke_linecap": "round", "stroke_linejoin": "round"}
    shape = {"d": d, "fill": "none", "stroke": stroke}
    return _element("path", shape, {"stroke_width": width}, ends | more)


def group(transform: str, *parts: str) -> str:
    return f'<g transform="{escape(transform)}">{"".join(parts)}</g>'
