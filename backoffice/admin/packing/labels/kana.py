"""Katakana in half width, as carriers' programs want it."""

import unicodedata

_HALF = {
    unicodedata.normalize("NFKC", chr(code)): chr(code)
    for code in range(0xFF61, 0xFFA0)
}
_MARKS = {"\u3099": "\uff9e", "\u309a": "\uff9f"}
# These have no half width.
_INSTEAD = str.maketrans(
    "\u30ee\u30f0\u30f1\u30f5\u30f6", "\u30ef\u30a4\u30a8\u30ab\u30b1"
)


def half_width(text: str) -> str:
    """Return katakana in half width: a sound mark becomes a character of its own."""
    parts = unicodedata.normalize("NFD", text.translate(_INSTEAD))
    return "".join(_MARKS.get(char) or _HALF.get(char, char) for char in parts)
