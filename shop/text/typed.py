"""Text that people type: without what nobody can see, and in its ordinary width."""

import re
import unicodedata

# Controls, marks that change the direction of text, and characters without width. They
# come from word processors and web pages, or from people who want to deceive others.
# U+200C and U+200D stay: Persian, Hindi and emoji need them. So do variation selectors:
# they choose among the forms of a character in Japanese names.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
# Letters and symbols of which nothing is drawn: Hangul fillers and the empty Braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Letters, numbers, punctuation, symbols, and the private use of companies' own letters.
_DRAWN = ("L", "N", "P", "S", "Co")
_WIDE = str.maketrans("０１２３４５６７８９＋－．，−", "0123456789+-.,-")  # noqa: RUF001
# Compatibility ideographs are spellings of people's names (神, 塚). Folding them would
# misspell the names, so only the text between them is folded.
_FOLDABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
_SEPARATORS = re.compile("[\x1c-\x1f\x85]")  # str.split takes them for spaces, too


def clean_line(text: str) -> str:
    """Return one line: single spaces, nothing around it, nothing invisible.

    It is empty if nothing of it can be seen.
    """
    line = " ".join(_REMOVED.sub("", _SEPARATORS.sub(" ", text)).split())
    return line if is_visible(line) else ""


def clean_text(text: str) -> str:
    """Return lines as they were typed, without what is invisible.

    It is empty if nothing of it can be seen.
    """
    lines = (_REMOVED.sub("", line).rstrip() for line in text.splitlines())
    cleaned = "\n".join(lines).strip()
    return cleaned if is_visible(cleaned) else ""


def fold(text: str) -> str:
    """Return one line in its ordinary width (NFKC), else as clean_line."""
    line = clean_line(text)
    folded = _FOLDABLE.sub(lambda run: unicodedata.normalize("NFKC", run[0]), line)
    return clean_line(folded)


def fold_digits(text: str) -> str:
    """Return a number with ASCII digits and signs. Other kinds of digits stay."""
    return clean_line(text).translate(_WIDE)


def has_odd_digits(text: str) -> bool:
    """Return whether ``fold`` would take something for a digit that is none: 1², ①."""
    return any(
        not character.isascii()
        and not character.translate(_WIDE).isascii()
        and re.search("[0-9]", unicodedata.normalize("NFKC", character))
        for character in text
    )


def is_visible(text: str) -> bool:
    """Return whether anything of ``text`` is drawn."""
    return any(
        unicodedata.category(character).startswith(_DRAWN) and character not in _BLANK
        for character in text
    )
