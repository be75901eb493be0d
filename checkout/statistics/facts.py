"""What events say of one order's money, folded into facts, and the figures of these.

The facts depend on which events were folded, and neither on their order nor on how
often each one was: so a replay changes nothing, and building anew beside new events
ends at the same figures. The taxes are divided by the very rules of the accountant's
journal (orders.rates).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils import timezone

from checkout.statistics.models import SalesFigure
from events.models import Event
from orders.rates import (
    RefundPart,
    divide_charge,
    divide_refunds,
    gross_of_taxes,
    named_by_rate,
)
from shop.countries import JAPAN

CHARGED = "payment.captured"
MADE = ("refund.found", "refund.succeeded")
FAILED = "refund.failed"
TYPES = (CHARGED, *MADE, FAILED)
# Before it, the events did not say all that is needed.
VERSION = 2

Part = SalesFigure.Part
# "charge": what was captured; "made": refund -> what it returned; "failed": refunds
# whose money did not arrive, perhaps after they were made.
Facts = dict[str, Any]


class Cell(NamedTuple):
    """Which row of the figures."""

    day: date
    currency: str
    part: str
    sku: str = ""
    rate: int = 0
    country: str = JAPAN


# (cell, name of the figure) -> its sum
Figures = Counter[tuple[Cell, str]]


class TooOld(Exception):
    """The event is of a version that does not say what was charged for what."""

    def __init__(self, event: Event) -> None:
        super().__init__(
            f"{event} is of version {event.version}; version {VERSION} is needed"
        )


def fold(facts: Facts, event: Event) -> Facts:
    """Return the facts with what the event says. Twice is once. Raises TooOld."""
    if event.version < VERSION:
        raise TooOld(event)
    data = event.data
    if event.type == CHARGED:
        kept = ("amount", "at", "currency", "shipping", "taxes", "lines")
        said = {name: data[name] for name in kept}
        # Events of before it was said are of Japan's tax.
        said["tax_country"] = data.get("tax_country", JAPAN)
        return {**facts, "charge": said}
    key = data["refund"]
    if event.type == FAILED:
        failed = {*facts.get("failed", []), key}
        return {**facts, "failed": sorted(failed)}
    if "at" not in data:
        return facts  # Stripe has it, and the bank has not paid yet.
    made = {name: data[name] for name in ("amount", "at", "lines")}
    return {**facts, "made": {**facts.get("made", {}), key: made}}


def figures_of(facts: Facts) -> Figures:
    """Return what one order adds to the figures. Without a charge that is nothing."""
    figures: Figures = Counter()
    charge = facts.get("charge")
    if charge:
        for cell, amounts in (*_charged(charge), *_refunded(facts, charge)):
            figures.update({(cell, name): n for name, n in amounts.items() if n})
    return figures


def _charged(charge: Facts) -> Iterator[tuple[Cell, dict[str, int]]]:
    day, currency = _day(charge["at"]), charge["currency"]
    lines, amount = charge["lines"], charge["amount"]
    off = sum(line["discount"] for line in lines)
    yield (
        Cell(day, currency, Part.DAY),
        {"orders": 1, "charged": amount, "discounts": off},
    )
    country = charge.get("tax_country", JAPAN)
    for share in divide_charge(charge["taxes"], amount):
        yield (
            Cell(day, currency, Part.RATE, rate=share.rate, country=country),
            {"orders": 1, "charged": share.gross, "tax": share.tax},
        )
    for line in lines:
        units, off = line["quantity"], line["discount"]
        yield (
            Cell(day, currency, Part.GOODS, line["sku"], line["tax_rate"]),
            {
                "orders": 1,
                "units": units,
                "charged": units * line["unit"] - off,
                "discounts": off,
            },
        )
    yield Cell(day, currency, Part.SHIPPING), {"charged": charge["shipping"]}


def _refunded(facts: Facts, charge: Facts) -> Iterator[tuple[Cell, dict[str, int]]]:
    currency, failed = charge["currency"], set(facts.get("failed", []))
    country = charge.get("tax_country", JAPAN)
    made = {
        int(key): refund
        for key, refund in facts.get("made", {}).items()
        if key not in failed
    }
    in_order = sorted(made, key=lambda key: (_moment(made[key]["at"]), key))
    parts = [
        RefundPart(key, made[key]["amount"], _named(made[key]["lines"]))
        for key in in_order
    ]
    shares = divide_refunds(gross_of_taxes(charge["taxes"]), parts)
    for key in in_order:
        refund = made[key]
        day = _day(refund["at"])
        yield Cell(day, currency, Part.DAY), {"refunded": refund["amount"]}
        for share in shares[key]:
            yield (
                Cell(day, currency, Part.RATE, rate=share.rate, country=country),
                {"refunded": share.gross, "refunded_tax": share.tax},
            )
        for line in refund["lines"]:
            yield (
                Cell(day, currency, Part.GOODS, line["sku"], line["tax_rate"]),
                {"refunded": line["paid"], "refunded_units": line["quantity"]},
            )


def _named(lines: list[Facts]) -> dict[int, int]:
    return named_by_rate((line["tax_rate"], line["paid"]) for line in lines)


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)


def _day(at: str) -> date:
    """Return the day in the shop's zone."""
    return timezone.localtime(_moment(at)).date()
