"""Divide what was charged and refunded among the rates of an order's tax.

Amounts are minor units. Every division adds up to the whole, to the last yen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orders.models import Order, Refund
from shop.countries import JAPAN
from shop.money import included_tax


@dataclass(frozen=True)
class RateShare:
    """What of an amount is of one rate (percent), and the tax contained in it."""

    rate: int
    gross: int
    tax: int


@dataclass(frozen=True)
class RefundPart:
    """A refund that was made. ``named``: rate -> what of it is for named units."""

    key: int
    amount: int
    named: Mapping[int, int]


def with_tax(gross: Mapping[int, int]) -> list[RateShare]:
    """Return rate -> gross with its tax, rounded once a rate; higher rates first."""
    return [
        RateShare(rate, amount, included_tax(amount, rate))
        for rate, amount in sorted(gross.items(), reverse=True)
        if amount
    ]


def divide(amount: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Divide ``amount`` in proportion to ``weights``, by the largest remainder.

    The parts add up to ``amount``. Without any weight all of it is of the first rate.
    """
    total = sum(weights.values())
    if not total:
        return {max(weights, default=0): amount} if amount else {}
    parts = {rate: amount * weight // total for rate, weight in weights.items()}
    # Of equal remainders the higher rate comes first, always in the same way.
    short = amount - sum(parts.values())
    by_remainder = sorted(
        weights, key=lambda rate: (-(amount * weights[rate] % total), -rate)
    )
    for rate in by_remainder[:short]:
        parts[rate] += 1
    return parts


def gross_of(order: Order) -> dict[int, int]:
    """Return rate -> gross of the whole order, shipping included."""
    return gross_of_taxes(order.tax)


def gross_of_taxes(taxes: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Return rate -> gross of an order's ``tax``."""
    return {part["rate"]: part["gross"] for part in taxes}


def tax_country(taxes: Sequence[Mapping[str, Any]]) -> str:
    """Return the country whose tax an order's ``tax`` is: one for the whole order."""
    return next((part["country"] for part in taxes if "country" in part), JAPAN)


def shares_of_charge(order: Order, captured_minor: int) -> list[RateShare]:
    """Return the shares of what was charged. For the whole order they are its own."""
    return divide_charge(order.tax, captured_minor)


def divide_charge(
    taxes: Sequence[Mapping[str, Any]], captured_minor: int
) -> list[RateShare]:
    """Return the shares of a charge for an order with this ``tax``."""
    gross = gross_of_taxes(taxes)
    if sum(gross.values()) == captured_minor:
        return [RateShare(part["rate"], part["gross"], part["tax"]) for part in taxes]
    return with_tax(divide(captured_minor, gross))


def shares_of_refunds(
    order: Order, refunds: Iterable[Refund]
) -> dict[int, list[RateShare]]:
    """Return the key of each refund -> its shares.

    ``refunds``: all that were made, oldest first, with their lines.
    """
    parts = [
        RefundPart(
            refund.pk,
            refund.amount_minor,
            named_by_rate(
                (item.line.tax_rate, item.paid_minor) for item in refund.lines.all()
            ),
        )
        for refund in refunds
    ]
    return divide_refunds(gross_of(order), parts)


def divide_refunds(
    gross: Mapping[int, int], refunds: Iterable[RefundPart]
) -> dict[int, list[RateShare]]:
    """Return the key of each refund -> its shares, of an order with this gross.

    ``refunds``: all that were made, oldest first. First count the units that a refund
    names, at their price. What is left over (shipping, a gesture) is divided among what
    earlier refunds have left of each rate, so that refunds of the whole charge end at
    the shares of the charge.
    """
    left = dict(gross)
    shares: dict[int, list[RateShare]] = {}
    for refund in refunds:
        parts = _gross_of_refund(refund, left)
        for rate, amount in parts.items():
            left[rate] = max(0, left.get(rate, 0) - amount)
        shares[refund.key] = with_tax(parts)
    return shares


def named_by_rate(units: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return rate -> what was paid, of units given as rate and what was paid."""
    named: dict[int, int] = {}
    for rate, paid in units:
        named[rate] = named.get(rate, 0) + paid
    return named


def _gross_of_refund(refund: RefundPart, left: Mapping[int, int]) -> Mapping[int, int]:
    named = refund.named
    rest = refund.amount - sum(named.values())
    if rest < 0:
        return divide(refund.amount, named)
    if not rest:
        return named
    over = {
        rate: amount - named.get(rate, 0)
        for rate, amount in left.items()
        if amount > named.get(rate, 0)
    }
    parts = divide(rest, over or left or named)
    return {rate: named.get(rate, 0) + parts.get(rate, 0) for rate in {*named, *parts}}
