"""PDFs of papers: pages, their numbers, long names and many lines."""

import re
import zlib
from base64 import a85decode
from dataclasses import replace

import pytest

from checkout.paper.document import Document, Fact, Line
from checkout.paper.pdf import draw

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_SHOWN = re.compile(rb"\((.*?)(?<!\\)\) Tj", re.DOTALL)

PAPER = Document(
    language="en",
    title="Packing slip",
    number="261129-AAAAAA",
    facts=(Fact("Order", "261129-AAAAAA"),),
    seller=("Minato TV Shop",),
    addressee=("Hanako Minato",),
    lines=(Line("Morning Mug", 2, sku="MUG-01"),),
    columns=("Item", "Quantity"),
)


def pages(pdf: bytes) -> list[str]:
    """Return the Latin text of each page, as it is drawn."""
    packed = (stream.strip() for stream in _STREAM.findall(pdf))
    drawn = [
        zlib.decompress(a85decode(each.removesuffix(b"~>")))
        for each in packed
        if each.endswith(b"~>")
    ]
    return [b" ".join(_SHOWN.findall(each)).decode("latin-1") for each in drawn]


def numbers_of_pages(pdf: bytes) -> list[tuple[int, int]]:
    found = (re.search(r"Page (\d+) of (\d+)", page) for page in pages(pdf))
    return [(int(match[1]), int(match[2])) for match in found if match]


def test_a_short_paper_is_one_page() -> None:
    drawn = draw([PAPER])

    assert numbers_of_pages(drawn) == [(1, 1)]
    assert "Morning Mug" in pages(drawn)[0]
    assert "MUG-01" in pages(drawn)[0]


def test_two_hundred_lines_are_all_there_on_numbered_pages() -> None:
    lines = tuple(Line(f"Article {n}", n, sku=f"SKU-{n:03}") for n in range(1, 201))

    drawn = draw([replace(PAPER, lines=lines)])

    count = len(pages(drawn))
    assert count > 5
    assert numbers_of_pages(drawn) == [(n, count) for n in range(1, count + 1)]
    text = " ".join(pages(drawn))
    assert [n for n in range(1, 201) if f"SKU-{n:03}" not in text] == []
    # The table's head stands on every page that has lines.
    assert sum("Quantity" in page for page in pages(drawn)) >= count - 1


def test_each_paper_of_a_batch_counts_its_own_pages() -> None:
    many = tuple(Line(f"Article {n}", 1) for n in range(60))
    second = replace(PAPER, number="261129-BBBBBB", lines=many)

    found = numbers_of_pages(draw([PAPER, second, PAPER]))

    of_second = found[1][1]
    assert of_second > 1
    assert found == [(1, 1), *[(n + 1, of_second) for n in range(of_second)], (1, 1)]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", ["M" * 200, "朝" * 200, "Mug " * 50])
def test_a_long_name_is_broken_into_lines(language: str, name: str) -> None:
    line = Line(name, 1, unit="￥99,999,999", total="￥99,999,999")
    columns = ("Item", "Unit price", "Quantity", "Line total")

    drawn = draw(
        [replace(PAPER, language=language, lines=(line,) * 3, columns=columns)]
    )

    assert numbers_of_pages(drawn) or language == "ja"
    text = "".join(pages(drawn))
    if name.isascii():
        assert text.count("M") >= name.count("M") * 3


def test_a_replaced_character_is_explained() -> None:
    drawn = draw([replace(PAPER, addressee=("𠮷田",))])

    assert "stands for a character that this file cannot" in " ".join(pages(drawn))
    assert "stands for" not in " ".join(pages(draw([PAPER])))


def test_the_same_paper_is_the_same_file() -> None:
    assert draw([PAPER]) == draw([PAPER])
