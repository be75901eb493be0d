"""Drawings are code: only those that merely draw are stored."""

from pathlib import Path

import pytest

from shop.catalogue.drawings import NotADrawing, store_drawing
from tests.support.catalogue import SVG
from tests.support.uploads import SIGNATURE


def svg(inside: str, attributes: str = 'viewBox="0 0 9 9"') -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<html/>",
        b"<svg/>",
        SIGNATURE,
        svg("", ""),
        svg("", 'viewBox="0 0 1e9 1e9"'),
        svg("", 'viewBox="0 0 inf 9"'),
        svg("", 'viewBox="0 0 0 9"'),
        svg("<script>alert(1)</script>"),
        svg("<g><SCRIPT/></g>"),
        svg("<style>@import 'https://elsewhere.example/x.css';</style>"),
        svg("<foreignObject/>"),
        svg('<set attributeName="href" to="javascript:alert(1)"/>'),
        svg('<image href="data:text/html,x"/>'),
        svg('<g onload="alert(1)"/>'),
        svg('<rect style="fill: url(https://elsewhere.example/x)"/>'),
        svg('<rect fill="url(https://elsewhere.example/x)"/>'),
        svg('<rect fill="red" href="https://elsewhere.example/x"/>'),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
        '<?xml version="1.0" encoding="utf-16"?>'.encode("utf-16") + SVG,
    ],
)
def test_a_drawing_that_does_more_than_draw_is_not_stored(
    media_dir: Path, content: bytes
) -> None:
    with pytest.raises(NotADrawing):
        store_drawing(content)
    assert not media_dir.exists()
