"""Exchanges at the packing desk: they are packed and labelled beside the orders."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from backoffice.admin.packing.selectors import (
    MOST_ROWS,
    Readiness,
    Waiting,
    read_waiting,
    select,
)
from backoffice.admin.packing.selectors import by_number as orders_by_number
from orders.models import Exchange
from orders.parcels import Units
from shop import database_clock


def to_send() -> QuerySet[Exchange]:
    """Return the exchanges that are to be sent, the oldest first."""
    return Exchange.objects.to_send().order_by("requested_at", "pk")


def by_number(numbers: Iterable[str]) -> QuerySet[Exchange]:
    """Return the exchanges to be sent with these numbers, the oldest first."""
    rows = to_send().select_related("returned__order")
    return rows.filter(number__in=list(numbers))


def read_exchanges(rows: QuerySet[Exchange]) -> list[Waiting]:
    """Return the exchanges with their goods: three queries for any number."""
    goods = ("returned__lines__line", "returned__lines__substitute")
    related = rows.select_related("returned__order__payment").prefetch_related(*goods)
    today = timezone.localdate(database_clock.read())
    return [
        Waiting(row.order, row, _units(row), today, exchange=row) for row in related
    ]


def read_batch(numbers: Sequence[str]) -> list[Waiting]:
    """Return the orders with these numbers, the most urgent first, then exchanges."""
    orders = read_waiting(orders_by_number(numbers))
    return [*orders, *read_exchanges(by_number(numbers))]


def packed_by(actor: str) -> list[str]:
    """Return the numbers of the orders and exchanges that this packer packs."""
    orders = select(Readiness.PACKING).filter(shipment__packer=actor)
    rows = (orders, to_send().filter(packer=actor))
    return [
        number
        for found in rows
        for number in found.values_list("number", flat=True)[:MOST_ROWS]
    ]


def _units(exchange: Exchange) -> list[Units]:
    """Return what is still to be sent again, of rows that were read before."""
    return [
        Units(row.line, row.due_again, row.substitute)
        for row in exchange.returned.lines.all()
        if row.due_again
    ]
