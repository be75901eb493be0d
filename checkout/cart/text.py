"""Addresses and phone numbers that customers type, in one spelling."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shop.text.typed import fold, has_odd_digits

MOBILE_DIGITS = 11  # mobile and internet phones; all others have ten


_DASHES = "[\u00ad\u02d7\u2010-\u2015\u2043\u207b\u2212\u2500\u2501\u30fc]"


_HYPHENS = re.compile(_DASHES)


# Hiragana and its marks of repetition, 96 places below katakana.
_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
# What people type for the mark of a long vowel, after a katakana.
_LONG_VOWEL = re.compile(f"(?<=[\u30a1-\u30fa\u30fc])(?:{_DASHES}|[-~])")
_KANA = re.compile("[\u30a1-\u30fa][\u30a1-\u30fa\u30fb-\u30fe ]*")


_BETWEEN_DIGITS = re.compile(f"(?<=[0-9]){_DASHES}(?=[0-9])")


def fold_number(text: str) -> str:
    """Fold a number or code; every character that looks like a hyphen becomes one."""
    # The soft hyphen is invisible elsewhere, and folding removes it.
    return _HYPHENS.sub("-", fold(text.replace("\u00ad", "-")))


def fold_street(text: str) -> str:
    """Fold an address; any hyphen between digits (1ー2ー3) becomes "-"."""
    return _BETWEEN_DIGITS.sub("-", fold(text))


def normalise_postcode(text: str) -> str:
    """Return a postcode as 123-4567. Raises ValidationError for anything else."""
    digits = re.sub(r"[-\s〒]", "", fold_number(text))
    # No postcode begins with 000, which people type to get on.
    if not re.fullmatch(r"(?!000)[0-9]{7}", digits) or has_odd_digits(text):
        message = _("Enter a postcode of 7 digits, such as 106-0031.")
        raise ValidationError(message, code="postcode")
    return f"{digits[:3]}-{digits[3:]}"


def normalise_phone(text: str) -> str:
    """Return a phone number as the parcel service dials it: 090-1234-5678.

    Raises ValidationError for what cannot be a number.
    """
    typed = re.sub(r"[().\s]", "-", fold_number(text)).strip("-")
    international = typed.startswith("+")
    digits = re.sub(r"[-+]", "", typed)
    if international and digits.startswith("81"):
        international = False
        digits = "0" + digits[2:].removeprefix("0")
    plausible = r"[1-9][0-9]{6,14}" if international else r"0[0-9]{9,10}"
    if not re.fullmatch(plausible, digits) or has_odd_digits(text):
        message = _("Enter a phone number such as 090-1234-5678 or 03-1234-5678.")
        raise ValidationError(message, code="phone")
    if international:
        return f"+{digits}"
    return _grouped(digits)


def normalise_phone_abroad(text: str) -> str:
    """Return a phone number with its country: +12125550100; one of Japan as usual.

    Raises ValidationError for a number without its country.
    """
    if not fold_number(text).startswith("+"):
        message = _("Begin the phone number with + and the country code.")
        raise ValidationError(message, code="phone")
    return normalise_phone(text)


def normalise_kana(text: str) -> str:
    """Return a name in full-width katakana: hiragana and half width are accepted.

    Raises ValidationError for anything else.
    """
    folded = fold(text).translate(_TO_KATAKANA)
    kana = _LONG_VOWEL.sub("\u30fc", folded)
    if not _KANA.fullmatch(kana):
        message = _("Enter the name in katakana, such as ミナト ハナコ.")
        raise ValidationError(message, code="kana")
    return kana


def _grouped(digits: str) -> str:
    """Group a domestic number as it is printed; most area codes stay ungrouped."""
    if len(digits) == MOBILE_DIGITS:
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    if digits.startswith(("03", "06")):
        return f"{digits[:2]}-{digits[2:6]}-{digits[6:]}"
    if digits.startswith("0120"):
        return f"{digits[:4]}-{digits[4:7]}-{digits[7:]}"
    return digits
