"""Add events to the statistics: one as it comes, or many when all is built anew."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from django.db import connection, transaction

from checkout.statistics.facts import (
    TYPES,
    Cell,
    Facts,
    Figures,
    figures_of,
    fold,
)
from checkout.statistics.models import OrderSales, SalesFigure, StatisticsBuild
from events.consumers import Consumer
from events.models import Event

_ROWS_AT_ONCE = 500
_KEYS = ("part", "day", "currency", "sku", "rate", "country")
_SUMS = (
    *("orders", "units", "charged", "tax", "discounts"),
    *("refunded", "refunded_tax", "refunded_units"),
)


def hear(event: Event) -> None:
    """Add one event. Twice is once, and the order of events does not matter.

    Nothing is added to figures that were built for an earlier time than now.
    """
    hear_all([event])


def hear_all(events: Sequence[Event]) -> None:
    """Add several events, in one transaction."""
    build = StatisticsBuild.objects.first()
    until = build.until if build else None
    add([one for one in events if until is None or one.occurred_at < until])


@transaction.atomic
def add(events: Sequence[Event]) -> int:
    """Add the events. Return of how many orders the figures have changed.

    Raises TooOld, and then adds nothing.
    """
    orders = sorted({event.data["order"] for event in events})
    if not orders:
        return 0
    known = _locked(orders)
    changed, difference = [], Figures()
    by_order = sorted(events, key=lambda event: str(event.data["order"]))
    for order, said in groupby(by_order, key=lambda event: str(event.data["order"])):
        row = known[order]
        facts = _folded(row.facts, said)
        if facts == row.facts:
            continue
        difference.update(figures_of(facts))
        difference.subtract(figures_of(row.facts))
        row.facts = facts
        changed.append(row)
    OrderSales.objects.bulk_update(changed, ["facts"], batch_size=_ROWS_AT_ONCE)
    _write(difference)
    return len(changed)


def _locked(orders: Sequence[str]) -> dict[str, OrderSales]:
    """Return the rows of these orders, new ones too. Nobody else changes them now."""
    rows = OrderSales.objects.filter(order__in=orders).order_by("order")
    found = {row.order: row for row in rows.select_for_update()}
    if len(found) < len(orders):
        new = [OrderSales(order=order) for order in orders if order not in found]
        OrderSales.objects.bulk_create(new, ignore_conflicts=True)
        found = {row.order: row for row in rows.select_for_update()}
    return found


def _folded(facts: Facts, events: Iterable[Event]) -> Facts:
    for event in events:
        facts = fold(facts, event)
    return facts


def _write(difference: Figures) -> None:
    """Add the differences to the rows, in the order of their keys."""
    cells: dict[Cell, Counter[str]] = {}
    for (cell, name), number in difference.items():
        if number:
            cells.setdefault(cell, Counter())[name] = number
    quote = connection.ops.quote_name
    table = quote(SalesFigure._meta.db_table)  # noqa: SLF001
    names = ", ".join(map(quote, (*_KEYS, *_SUMS)))
    marks = f"({', '.join(['%s'] * (len(_KEYS) + len(_SUMS)))})"
    sums = ", ".join(
        f"{quote(name)} = {table}.{quote(name)} + EXCLUDED.{quote(name)}"
        for name in _SUMS
    )
    keys = ", ".join(map(quote, _KEYS))
    rows = sorted(cells, key=lambda cell: [getattr(cell, key) for key in _KEYS])
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[first : first + _ROWS_AT_ONCE]
        values = [value for cell in part for value in _values(cell, cells[cell])]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([marks] * len(part))}"  # noqa: S608
                f" ON CONFLICT ({keys}) DO UPDATE SET {sums}",
                values,
            )


def _values(cell: Cell, amounts: Counter[str]) -> list[str | int | None]:
    day = connection.ops.adapt_datefield_value(cell.day)
    keys = [str(cell.part), day, cell.currency, cell.sku, cell.rate, cell.country]
    return [*keys, *(amounts[name] for name in _SUMS)]


CONSUMER = Consumer("sales-statistics", TYPES, hear, handle_all=hear_all)
