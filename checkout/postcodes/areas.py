"""Areas of postcodes as values, and what keeps a file from being read."""

from dataclasses import dataclass

from checkout.shipping.prefectures import Prefecture


class NotReadable(Exception):
    """The file is not what it should be; the message says where."""


@dataclass(frozen=True)
class Area:
    """A city, or a part of one, that has the postcode ``code`` (seven digits)."""

    code: str
    prefecture: str
    city: str
    town: str = ""

    @property
    def place(self) -> str:
        """Return city and town, as an address has them."""
        return f"{self.city}{self.town}"


def prefecture_of(number: str) -> str:
    """Return the prefecture of a number of JIS X 0401: 01 to 47."""
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(Prefecture):
        return Prefecture.values[int(number) - 1]
    message = f"there is no prefecture {number}"
    raise NotReadable(message)
