"""The boundary where every field of the payment provider enters the shop.

Answers and webhooks are JSON that somebody else wrote: a field may be missing, of
another type, longer than a column or unknown to this version. Only this module reads
them. A field that names or counts something is taken whole or the object is
unreadable; a field that people read is cut.
"""

from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from shop.text.stored import storable

# https://docs.stripe.com/upgrades: an object's id never has more letters than this.
# No other length is documented, so codes are treated alike.
LONGEST = 255
LONGEST_URL = 2000
# What a person is to read of an error.
LONGEST_SENTENCE = 1000
# The largest number of a database's big integer.
LARGEST_AMOUNT = 2**63 - 1
_LETTERS_OF_CURRENCY = 3
_LETTERS_OF_LAST4 = 4
# The year 9000. Beyond 9999 Python has no dates, and time zones need room as well.
_LATEST = 221_845_392_000

_Known = TypeVar("_Known", bound=Enum)


class Unreadable(ValueError):
    """A field that this version cannot read. The message names it, not its value."""


class ProviderObject:
    """One object of the provider, read field by field.

    ``what`` names it in errors. Every method but ``inner`` may raise Unreadable.
    """

    def __init__(self, raw: object, what: str) -> None:
        if not isinstance(raw, dict):
            message = f"{what} is no object"
            raise Unreadable(message)
        self._raw: dict[str, Any] = raw
        self.what = what

    def identifier(self, name: str = "id") -> str:
        """Return what names an object or a kind; it must not be cut."""
        value = self._raw.get(name)
        if not isinstance(value, str) or not value:
            raise self._unreadable(name, "is missing or no text")
        if len(value) > LONGEST:
            raise self._unreadable(name, f"has more than {LONGEST} letters")
        if not value.isprintable():
            raise self._unreadable(name, "has letters that cannot be printed")
        return value

    def optional_identifier(self, name: str) -> str:
        """Return an id, also of an object in its place; empty if there is none."""
        value = self._raw.get(name)
        if isinstance(value, dict):
            return ProviderObject(value, f"{self.what}.{name}").identifier()
        return self.identifier(name) if value not in (None, "") else ""

    def code(self, name: str) -> str:
        """Return a short word of the provider's, cut at the width of the columns."""
        return self.text(name, LONGEST)

    def text(self, name: str, longest: int) -> str:
        """Return text for people, cut at ``longest``; empty if there is none."""
        value = self._raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._unreadable(name, "is no text")
        return storable(value, longest)

    def own_id(self) -> str:
        """Return the object's id, and empty if it has none that can be read."""
        try:
            return self.identifier()
        except Unreadable:
            return ""

    def optional_text(self, name: str) -> str:
        """Return a short text, and empty for what is no text: to name a bad object."""
        value = self._raw.get(name)
        return storable(value, LONGEST) if isinstance(value, str) else ""

    def last4(self, name: str) -> str:
        """Return the last four digits of a card, and never more of it."""
        return self.code(name)[-_LETTERS_OF_LAST4:]

    def url(self, name: str) -> str:
        """Return a web address; empty if there is none, or one that no page may link.

        Half of an address leads nowhere, so a long one is left out.
        """
        value = self._raw.get(name)
        if not isinstance(value, str) or len(value) > LONGEST_URL:
            return ""
        try:
            is_web = urlsplit(value).scheme in ("http", "https")
        except ValueError:
            return ""
        return value if is_web and value.isprintable() else ""

    def amount(self, name: str) -> int:
        """Return a number of minor units."""
        value = self._raw.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._unreadable(name, "is no whole number")
        if not 0 <= value <= LARGEST_AMOUNT:
            raise self._unreadable(name, "is out of range")
        return value

    def signed_amount(self, name: str) -> int:
        """Return a number of minor units that may be negative."""
        value = self._raw.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._unreadable(name, "is no whole number")
        if abs(value) > LARGEST_AMOUNT:
            raise self._unreadable(name, "is out of range")
        return value

    def currency(self, name: str = "currency") -> str:
        value = self._raw.get(name)
        is_code = isinstance(value, str) and len(value) == _LETTERS_OF_CURRENCY
        if not is_code or not str(value).isascii() or not str(value).isalpha():
            raise self._unreadable(name, "is no currency")
        return str(value).upper()

    def moment(self, name: str) -> datetime | None:
        """Return a time that is given in seconds since 1970; None if there is none."""
        value = self._raw.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._unreadable(name, "is no time")
        if not 0 <= value <= _LATEST:
            raise self._unreadable(name, "is out of range")
        return datetime.fromtimestamp(value, UTC) if value else None

    def one_of(self, name: str, known: type[_Known], other: _Known | None) -> _Known:
        """Return the member of ``known``, or ``other`` for a value of a later version.

        Raises Unreadable for such a value if ``other`` is None.
        """
        value = self._raw.get(name)
        for member in known:
            if member.value == value:
                return member
        if other is None:
            shown = storable(str(value), LONGEST)
            raise self._unreadable(name, f"is not known to this version: {shown}")
        return other

    def flag(self, name: str) -> bool | None:
        """Return a switch; None if there is none."""
        value = self._raw.get(name)
        return value if isinstance(value, bool) else None

    def inner(self, name: str) -> "ProviderObject":
        """Return an object inside this one, empty if there is none."""
        value = self._raw.get(name)
        inside = value if isinstance(value, dict) else {}
        return ProviderObject(inside, f"{self.what}.{name}")

    def items(self, name: str, what: str) -> "list[ProviderObject]":
        """Return the objects of a list; what is no object is an empty one.

        ``what`` names each of them in errors.
        """
        value = self._raw.get(name)
        if not isinstance(value, list):
            raise self._unreadable(name, "is no list")
        raws = [one if isinstance(one, dict) else {} for one in value]
        return [ProviderObject(raw, what) for raw in raws]

    def names(self) -> list[str]:
        """Return the names of the objects inside this one, as far as they are names."""
        inside = [name for name, value in self._raw.items() if isinstance(value, dict)]
        return [name for name in inside if len(name) <= LONGEST and name.isprintable()]

    def __bool__(self) -> bool:
        return bool(self._raw)

    def _unreadable(self, name: str, why: str) -> Unreadable:
        return Unreadable(f"{self.what}.{name} {why}")
