"""Amounts of money."""

from typing import NewType

import strawberry
from django.utils.translation import get_language

from shop import money

# GraphQL's own Int ends at 2**31 - 1, which the total of a cart may exceed.
MinorUnits = NewType("MinorUnits", int)

_MOST = 2**53 - 1  # of the whole numbers that JavaScript keeps exactly


def _parse(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        message = f"MinorUnits is a whole number from 0 to {_MOST}."
        raise ValueError(message)
    return value


MINOR_UNITS = strawberry.scalar(
    name="MinorUnits",
    description="A whole number of the currency's smallest unit: yen, or cents.",
    serialize=int,
    parse_value=_parse,
)


@strawberry.type(description="An amount of money, tax included.")
class Money:
    minor: MinorUnits
    currency: str = strawberry.field(description="ISO 4217, such as JPY.")

    @strawberry.field(description="As people read it, in the request's language.")
    def text(self) -> str:
        amount = money.Money(self.minor, self.currency)
        return amount.format(get_language() or "en")


def money_of(amount: money.Money) -> Money:
    return Money(minor=MinorUnits(amount.minor), currency=amount.currency)


def money_or_none(amount: money.Money | None) -> Money | None:
    return None if amount is None else money_of(amount)
