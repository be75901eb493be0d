"""Which methods of payment the shop offers: by configuration and by amount."""

from django.conf import settings

CARD = "card"
KONBINI = "konbini"
# What a store takes in one payment, in yen.
# https://docs.stripe.com/payments/konbini
_KONBINI_CURRENCY = "JPY"
_KONBINI_AMOUNTS = range(120, 300_001)


def methods_for(amount_minor: int, currency: str) -> list[str]:
    """Return the methods, in the order of PAYMENT_METHODS, that fit this amount."""
    return [
        method
        for method in settings.PAYMENT_METHODS
        if method != KONBINI or _fits_konbini(amount_minor, currency)
    ]


def _fits_konbini(amount_minor: int, currency: str) -> bool:
    return currency == _KONBINI_CURRENCY and amount_minor in _KONBINI_AMOUNTS
