"""Which characters a PDF can draw, and with which of its fonts.

No font file is shipped: Latin letters are drawn in Helvetica, which every reader of
PDF has, and Japanese in Heisei Kaku Gothic, in the place of which readers take a
Japanese font of their own. That font has no emoji and no rare ideographs: without a
replacement they would be missing, and nobody would see that they are.
"""

import re
import unicodedata
from html import escape
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

LATIN, LATIN_BOLD, JAPANESE = "Helvetica", "Helvetica-Bold", "HeiseiKakuGo-W5"
# What Japanese printers set in the place of a letter that they lack.
GETA = "\N{GETA MARK}"
# They choose among the forms of the character before them, which is drawn anyway.
_SELECTORS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# The same characters by the names that Windows and others give them; the font's
# encoding knows those on the right.
_TWINS = str.maketrans({"\uff5e": "\u301c", "\u2225": "\u2016", "\uff0d": "\u2212"})

pdfmetrics.registerFont(UnicodeCIDFont(JAPANESE))


def replace_missing(text: str) -> str:
    """Return ``text`` with a geta mark in the place of what cannot be drawn."""
    return "".join(letter if _font_of(letter) else GETA for letter in _composed(text))


def has_missing(text: str) -> bool:
    """Return whether ``replace_missing`` would replace anything."""
    return not all(map(_font_of, _composed(text)))


def markup(text: str, *, bold: bool = False) -> str:
    """Return the text as reportlab's markup, each run of letters in its font."""
    latin = LATIN_BOLD if bold else LATIN
    runs = groupby(replace_missing(text), key=_font_of)
    return "".join(
        f'<font name="{latin if font == LATIN else JAPANESE}">'
        f"{escape(''.join(letters).translate(_TWINS))}</font>"
        for font, letters in runs
    )


def _font_of(letter: str) -> str:
    """Return the font that draws the letter, or "" if none does."""
    if unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn"):
        return ""
    return LATIN if _fits(letter, "cp1252") else _japanese(letter)


def _composed(text: str) -> str:
    """Return the text with one character for each letter with its marks."""
    return unicodedata.normalize("NFC", _SELECTORS.sub("", text))


def _japanese(letter: str) -> str:
    # Shift JIS as Windows writes it: JIS X 0208 and the additions of NEC and IBM.
    return JAPANESE if _fits(letter, "cp932") else ""


def _fits(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
