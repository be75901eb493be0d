"""Compare the statistics with the accountant's journal, day by day and rate by rate."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min
from django.utils import timezone

from checkout.accounting.journal import REFUND, SALE, entries
from checkout.accounting.period import Period
from checkout.statistics.models import SalesFigure
from orders.models import Payment, Refund

# The days that are read at once.
_DAYS = 31
# day, currency, country of the tax, rate, name of the figure -> minor units
Sums = Counter[tuple[date, str, str, int, str]]


@dataclass(frozen=True)
class Difference:
    """A figure that is another one in the accountant's journal. Minor units."""

    day: date
    currency: str
    country: str
    rate: int
    name: str
    here: int
    there: int


def differences() -> list[Difference]:
    """Return all of them; a period at a time, so that memory is bounded."""
    found = []
    for period in _periods():
        here, there = _here(period), _there(period)
        found += [
            Difference(*key, here[key], there[key])
            for key in sorted({*here, *there})
            if here[key] != there[key]
        ]
    return found


def _periods() -> Iterator[Period]:
    figures = SalesFigure.objects.aggregate(first=Min("day"), last=Max("day"))
    charges = Payment.objects.aggregate(
        first=Min("captured_at"), last=Max("captured_at")
    )
    refunds = Refund.objects.aggregate(last=Max("succeeded_at"))
    times = [charges["first"], charges["last"], refunds["last"]]
    days = [timezone.localtime(at).date() for at in times if at]
    days += [day for day in figures.values() if day]
    if not days:
        return
    day, last = min(days), max(days)
    while day <= last:
        end = min(last, day + timedelta(days=_DAYS - 1))
        yield Period(day, end)
        day = end + timedelta(days=1)


def _here(period: Period) -> Sums:
    sums: Sums = Counter()
    rows = SalesFigure.objects.filter(
        part=SalesFigure.Part.RATE, day__gte=period.since, day__lte=period.until
    )
    for row in rows.iterator(chunk_size=500):
        key = (row.day, row.currency, row.country, row.rate)
        for name in ("charged", "tax", "refunded", "refunded_tax"):
            sums[(*key, name)] += getattr(row, name)
    return sums


def _there(period: Period) -> Sums:
    sums: Sums = Counter()
    for entry in entries(period):
        if entry.kind not in (SALE, REFUND):
            continue
        day = timezone.localtime(entry.at).date()
        key = (day, entry.currency, entry.country, entry.rate or 0)
        names = ("charged", "tax")
        sign = 1
        if entry.kind == REFUND:
            names, sign = ("refunded", "refunded_tax"), -1
        sums[(*key, names[0])] += sign * entry.gross
        sums[(*key, names[1])] += sign * entry.tax
    return sums
