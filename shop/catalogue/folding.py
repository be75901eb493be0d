"""Fold texts and queries, so that a search ignores width, case and kana."""

import unicodedata

# Katakana ァ..ヶ lie exactly 0x60 above their hiragana (Unicode, blocks 30A0 and 3040).
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def fold(text: str) -> str:
    """Return the text with width (NFKC), case, katakana and white space folded."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.translate(_KATAKANA_TO_HIRAGANA).split())
