"""Drawings (SVG) that the shop itself ships. Staff cannot upload any.

A drawing is code, and a browser runs it. Only elements that draw are let through, by
name, so that nothing has to be known about the others.
"""

from xml.etree import ElementTree as ET

from shop.catalogue.pictures import Rendition, write

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = {
    f"{_SVG}{name}"
    for name in (
        "svg",
        "metadata",
        "defs",
        "linearGradient",
        "stop",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
    )
}
# None of them can name another file, but for url(), which is looked for.
_ATTRIBUTES = {
    *("id", "viewBox", "width", "height", "transform", "opacity", "d"),
    *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry"),
    *("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"),
    *("stroke-dasharray", "offset", "stop-color", "stop-opacity"),
}
_LARGEST_SIDE = 4000


class NotADrawing(Exception):
    """The file is no SVG, does more than draw, or is not of a usual size."""


def store_drawing(content: bytes) -> Rendition:
    """Write a drawing under the name of its content. Twice is once.

    Raises NotADrawing, and then writes nothing.
    """
    width, height = _measure(_parse(content))
    return Rendition(write(content, "svg"), width, height)


def _parse(content: bytes) -> ET.Element:
    # Declarations are refused before parsing: entities could grow without bound. It
    # must be UTF-8, since another encoding would hide them from this search.
    try:
        text = content.decode("utf-8")
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            raise NotADrawing
        root = ET.fromstring(text)  # noqa: S314 - declarations were refused above
    except (UnicodeDecodeError, ET.ParseError, ValueError) as error:
        raise NotADrawing from error
    if root.tag != f"{_SVG}svg" or not all(_draws(each) for each in root.iter()):
        raise NotADrawing
    return root


def _draws(element: ET.Element) -> bool:
    if element.tag not in _ELEMENTS:
        return False
    return all(
        name in _ATTRIBUTES and ("url(" not in value or value.startswith("url(#"))
        for name, value in element.attrib.items()
    )


def _measure(root: ET.Element) -> tuple[int, int]:
    """Return width and height, which its view box says."""
    try:
        _x, _y, width, height = (float(n) for n in root.get("viewBox", "").split())
        size = round(width), round(height)
    except (ValueError, OverflowError) as error:
        raise NotADrawing from error
    if not all(1 <= side <= _LARGEST_SIDE for side in size):
        raise NotADrawing
    return size
