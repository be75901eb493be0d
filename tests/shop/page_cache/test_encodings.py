"""Content codings of kept pages."""

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.page_cache.encodings import Spliced, accepted, compress

PAGE = b"<p>a page</p>" * 500


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", set()),
        ("gzip, deflate, br, zstd", {"gzip", "br"}),
        ("GZIP;q=0.5", {"gzip"}),
        ("gzip;q=0, br;q=1.0", {"br"}),
        ("br; q=0.000, gzip", {"gzip"}),
        ("*", set()),
        ("x-gzip, brotli", set()),
    ],
)
def test_only_codings_that_are_named_and_not_refused_are_accepted(
    header: str, expected: set[str]
) -> None:
    assert accepted(header) == expected


def test_a_page_is_the_same_in_every_coding_and_smaller() -> None:
    zipped, brotlied = compress(PAGE, "gzip"), compress(PAGE, "br")

    assert gzip.decompress(zipped) == PAGE
    assert brotli.decompress(brotlied) == PAGE
    assert max(len(zipped), len(brotlied)) < len(PAGE) / 10


@given(
    st.lists(st.binary(max_size=300), min_size=1, max_size=4),
    st.lists(st.binary(max_size=300), min_size=3, max_size=3),
)
def test_parts_come_between_the_pieces_in_one_member(
    pieces: list[bytes], more: list[bytes]
) -> None:
    parts = more[: len(pieces) - 1]
    page = Spliced(pieces)
    expected = pieces[0] + b"".join(
        part + piece for part, piece in zip(parts, pieces[1:], strict=True)
    )

    assert page.plain(parts) == expected
    zipped = page.gzip(parts)
    assert gzip.decompress(zipped) == expected
    # Browsers read the first member only.
    assert zipped.count(b"\x1f\x8b\x08" + bytes(6) + b"\xff") == 1


def test_the_length_does_not_tell_whether_a_part_repeats_the_page() -> None:
    page = Spliced([b"<p>the secret is 4711 and 4711</p>", b"<p>end</p>"])
    repeating, other = b"4711 and 4711", b"8293 and 8293"

    assert len(page.gzip([repeating])) == len(page.gzip([other]))
