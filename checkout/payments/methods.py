"""Which methods of payment the shop offers: by configuration and by amount.

Amounts are minor units.
"""

from django.conf import settings

CARD = "card"
KONBINI = "konbini"
# What a store takes in one payment, in yen.
# https://docs.stripe.com/payments/konbini
_KONBINI_CURRENCY = "JPY"
_KONBINI_AMOUNTS = range(120, 300_001)
# The smallest charges of a card, and the largest: eight digits in every currency.
# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_CARD_MINIMUMS = {
    "USD": 50, "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50,
    "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500,
    "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200,
    "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000,
}  # fmt: skip
_CARD_MAXIMUM = 99_999_999


def methods_for(amount_minor: int, currency: str) -> list[str]:
    """Return the methods, in the order of PAYMENT_METHODS, that fit this amount."""
    return [
        method
        for method in settings.PAYMENT_METHODS
        if amount_minor in amounts_of(method, currency)
    ]


def amounts_of(method: str, currency: str) -> range:
    """Return the amounts that can be paid with this method."""
    if method == KONBINI:
        return _KONBINI_AMOUNTS if currency == _KONBINI_CURRENCY else range(0)
    return range(_CARD_MINIMUMS.get(currency, 1), _CARD_MAXIMUM + 1)


def smallest_amount(currency: str) -> int:
    """Return the smallest amount that any of the shop's methods takes."""
    return min(amounts[0] for amounts in _offered(currency))


def largest_amount(currency: str) -> int:
    """Return the largest amount that any of the shop's methods takes."""
    return max(amounts[-1] for amounts in _offered(currency))


def _offered(currency: str) -> list[range]:
    offered = (amounts_of(method, currency) for method in settings.PAYMENT_METHODS)
    return [amounts for amounts in offered if amounts]
