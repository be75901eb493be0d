"""What pages say that is data elsewhere: the seller, fees, dates, days to return.

A page names a fact in braces, such as ``{phone}``. The rooms that know register theirs
when the application starts, so each is written in one place and is true on all pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings

from shop.profile.models import ShopProfile
from shop.profile.selectors import read_profile


@dataclass(frozen=True)
class Table:
    """Rows with a heading each; ``head`` names the columns. False without any row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)


Fact = str | Table
# Returns the fact in the active language. It reads only tables of the shop window.
Reader = Callable[[], Fact]


def register(readers: Mapping[str, Reader]) -> None:
    """Register facts by their names. Twice is once."""
    _readers.update(readers)


def names() -> list[str]:
    """Return all names, as staff can write them."""
    return sorted([*_OF_THE_PROFILE, *_readers])


class Facts:
    """The facts for one page, each read once."""

    def __init__(self) -> None:
        self._read: dict[str, Fact | None] = {}

    def __call__(self, name: str) -> Fact | None:
        """Return the fact; None if there is none of that name."""
        if name in _OF_THE_PROFILE:
            self._read_profile()
        elif name not in self._read:
            reader = _readers.get(name)
            self._read[name] = reader() if reader else None
        return self._read[name]

    def _read_profile(self) -> None:
        if "seller" in self._read:
            return
        profile = read_profile()
        for name, read in _OF_THE_PROFILE.items():
            self._read[name] = read(profile)


_OF_THE_PROFILE: dict[str, Callable[[ShopProfile], str]] = {
    "shop_name": lambda profile: profile.shop_name,
    "seller": lambda profile: profile.name,
    "person_in_charge": lambda profile: profile.representative,
    "address": lambda profile: profile.address,
    "phone": lambda profile: profile.phone,
    "hours": lambda profile: profile.hours,
    "email": lambda profile: profile.email,
    "registration_number": lambda profile: profile.invoice_number,
}
_readers: dict[str, Reader] = {
    "site_url": lambda: str(settings.SITE_URL),
    "return_days": lambda: str(settings.RETURN_DAYS or ""),
}
