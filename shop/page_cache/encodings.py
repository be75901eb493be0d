"""Content codings of kept pages: chosen by the request, made once for a page."""

import re
import zlib
from collections.abc import Sequence
from functools import cached_property, lru_cache

import brotli

GZIP, BROTLI, IDENTITY = "gzip", "br", ""
# Better compression takes four times as long and saves two bytes of a hundred.
_BROTLI_QUALITY = 5
_LEVEL = 6
_RAW = -15
_GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
_REFUSED = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*$")


@lru_cache(maxsize=256)
def accepted(header: str) -> frozenset[str]:
    """Return which codings an Accept-Encoding header accepts, of those known here."""
    named = [each.strip().lower() for each in header[:500].split(",")]
    wanted = {each.split(";")[0].strip() for each in named if not _REFUSED.search(each)}
    return frozenset(wanted & {GZIP, BROTLI})


def compress(content: bytes, coding: str) -> bytes:
    """Return the content in a coding."""
    if coding == BROTLI:
        compressed: bytes = brotli.compress(content, quality=_BROTLI_QUALITY)
        return compressed
    return Spliced([content]).gzip([])


class Spliced:
    """A page in pieces, each compressed once; what comes between changes every time.

    A piece and what comes between never refer to each other, so the length of the whole
    tells nothing about whether one repeats the other (BREACH).
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = pieces

    def plain(self, parts: Sequence[bytes]) -> bytes:
        """Return the page with the parts between its pieces."""
        return b"".join(_woven(self.pieces, parts))

    def gzip(self, parts: Sequence[bytes]) -> bytes:
        """Return the page as one gzip member."""
        deflated = _woven(self._deflated, [_deflate(part) for part in parts])
        content = self.plain(parts)
        check = zlib.crc32(content).to_bytes(4, "little")
        length = (len(content) % 2**32).to_bytes(4, "little")
        return b"".join([_GZIP_HEADER, *deflated, check, length])

    @cached_property
    def _deflated(self) -> list[bytes]:
        *others, last = self.pieces
        return [*map(_deflate, others), _deflate(last, zlib.Z_FINISH)]


def _deflate(content: bytes, end: int = zlib.Z_FULL_FLUSH) -> bytes:
    """Return blocks of deflate that end at a byte, and refer to nothing before them."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return compressor.compress(content) + compressor.flush(end)


def _woven(pieces: Sequence[bytes], parts: Sequence[bytes]) -> list[bytes]:
    woven = [pieces[0]]
    for part, piece in zip(parts, pieces[1:], strict=True):
        woven += [part, piece]
    return woven
