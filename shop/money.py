"""Money: an integer of minor units and a currency. No Django, no input or output."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from shop.text.typed import fold, has_odd_digits

# The number of decimal digits, as Stripe counts them: ISK and UGX are charged in
# hundredths, although CLDR shows no decimals.
# https://docs.stripe.com/currencies#zero-decimal
_EXPONENTS = dict.fromkeys(
    (
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA",
        "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3)  # fmt: skip
# Commas stand before groups of three digits only: who types 18,00 means 18 and a half
# as likely as 1800.
_NUMBER = re.compile(r"-?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,3})?")
_SYMBOLS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
_COUNTERS = {"JPY": "円"}


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were combined."""


class NotAnAmount(ValueError):
    """The typed text is not an amount of the currency."""


def exponent(currency: str) -> int:
    """Return the number of decimal digits of ``currency``."""
    return _EXPONENTS.get(currency.upper(), 2)


def currency_symbol(currency: str, language: str = "en") -> str:
    """Return the sign before an amount; empty if the currency's code stands behind."""
    if currency == "JPY" and language.startswith("ja"):
        return "￥"
    return _SYMBOLS.get(currency, "")


@dataclass(frozen=True, order=False)
class Money:
    """An amount: ``minor`` units (yen, cents) of ``currency`` (ISO 4217)."""

    minor: int
    currency: str = "JPY"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            message = f"cannot combine {self.currency} with {other.currency}"
            raise CurrencyMismatch(message)
        return other

    @property
    def number(self) -> str:
        """The amount as people write it, without its currency: 1,800 or 18.00."""
        digits = exponent(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):,.{digits}f}"

    def format(self, language: str = "en") -> str:
        """Return the amount as text: ¥1,800, in Japanese with the wide sign."""
        sign, number = "-" if self.minor < 0 else "", self.number.lstrip("-")
        symbol = currency_symbol(self.currency, language)
        return (
            f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {self.currency}"
        )

    def __str__(self) -> str:
        return self.format()


def parse(typed: str, currency: str) -> Money:
    """Return the amount of a typed text: 1800, 1,800, ¥1,800, also in full width.

    Raises NotAnAmount, also for more decimals than the currency has, for the sign of
    another currency, and for commas that do not part thousands.
    """
    text = _without_currency(fold(typed), currency)
    if has_odd_digits(typed) or not _NUMBER.fullmatch(text):
        raise NotAnAmount(typed)
    _whole, _point, decimals = text.partition(".")
    if len(decimals) > exponent(currency):
        raise NotAnAmount(typed)
    return Money(
        int(Decimal(text.replace(",", "")).scaleb(exponent(currency))), currency
    )


def _without_currency(text: str, currency: str) -> str:
    """Return a folded text without the currency's code and sign around the number."""
    code = currency.upper()
    sign, number = ("-", text[1:]) if text.startswith("-") else ("", text)
    for mark in (code, _SYMBOLS.get(code), _COUNTERS.get(code)):
        if mark:
            number = number.removeprefix(mark).removesuffix(mark).strip()
    return sign + number


def with_other_tax(gross_minor: int, rate_percent: int, other_percent: int) -> int:
    """Return a tax-inclusive amount with the tax of another rate in place of its own.

    Minor units, rounded half up, once.
    """
    whole = Decimal(gross_minor) * (100 + other_percent) / (100 + rate_percent)
    return int(whole.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def included_tax(gross_minor: int, rate_percent: int) -> int:
    """Return the tax contained in a tax-inclusive amount, in minor units.

    It is rounded half up, once per rate and invoice and never per line, as the rules
    for qualified invoices in Japan require.
    """
    share = Decimal(gross_minor) * rate_percent / (100 + rate_percent)
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))
