"""Compare what the warehouse has with our orders: each there once, none unpaid.

The warehouse's list shows what changed there in the period. What we asked for and the
list does not show is asked for one by one.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db.models import Exists, OuterRef

from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import (
    NotFound,
    Standing,
    Status,
    WarehouseError,
    get_warehouse,
)
from checkout.aftersales.warehouse.progress import sent, units
from checkout.reconciliation.compare import COMPLETE, Moment
from checkout.reconciliation.kinds import Finding, Kind
from checkout.status.names import SHIPPING_NAME
from orders.models import Exchange, Order, Shipment
from orders.numbers import order_of
from saga.models import ENDED, Saga
from shop.text.redaction import redact_text
from shop.text.stored import storable

_BATCH = 100
_LONGEST = 200
_ENDED = ("delivered", "returned", "cancelled")
_LEFT = (Standing.SHIPPED, Standing.DELIVERED, Standing.RETURNED)


def findings(since: datetime, moment: Moment) -> Iterator[Finding]:
    """Yield what disagrees since then; nothing without a warehouse system.

    If the warehouse does not answer, that is the last finding.
    """
    if settings.WAREHOUSE == "manual":
        return
    seen: set[str] = set()
    try:
        statuses = get_warehouse().changed_since(since)
        while page := list(islice(statuses, _BATCH)):
            seen.update(status.shipment for status in page)
            yield from _listed(page, moment)
        yield from _unlisted(since, moment, seen)
    except WarehouseError as error:
        why = storable(redact_text(str(error)), _LONGEST)
        yield Finding(Kind.WAREHOUSE_NOT_COMPARED, "warehouse", facts={"why": why})
    yield from _not_requested(moment)


def _listed(page: list[Status], moment: Moment) -> Iterator[Finding]:
    numbers = [status.shipment for status in page]
    rows = WarehouseOrder.objects.named(numbers).with_names()
    known = {row.number: row for row in rows}
    for status in page:
        row = known.get(status.shipment)
        if row is None:
            yield _finding(Kind.UNKNOWN_TO_SHOP, status)
        elif not moment.is_fresh(row.heard_at) and not moment.is_fresh(row.asked_at):
            yield from _compare(row, status)


def _compare(row: WarehouseOrder, status: Status) -> Iterator[Finding]:
    beyond = sent(status) - units(row.asked_items)
    if beyond:
        yield _finding(Kind.SENT_TWICE, status, units=dict(beyond))
    if not status.parcels:
        return
    if _must_not_leave(row):
        yield _finding(Kind.SHIPPED_UNPAID, status, units=dict(sent(status)))
    elif status.standing in _LEFT and _is_awaited(row):
        yield _finding(Kind.SHIPMENT_BEHIND, status, units=dict(sent(status)))


def _must_not_leave(row: WarehouseOrder) -> bool:
    """Return whether no parcel of it may have left: unpaid, called off, dropped."""
    if row.shipment is None:
        return row.exchange is None or row.exchange.status == Exchange.Status.DROPPED
    order, shipment = row.shipment.order, row.shipment
    recorded = shipment.parcel_count > 0
    is_paid = order.status in COMPLETE and (recorded or not order.payment.is_gone)
    return not is_paid or shipment.status == Shipment.Status.CALLED_OFF


def _is_awaited(row: WarehouseOrder) -> bool:
    """Return whether the shop still waits for it to leave."""
    if row.exchange:
        return row.exchange.status == Exchange.Status.REQUESTED
    return row.order.status == Order.Status.CONFIRMED


def _unlisted(since: datetime, moment: Moment, seen: set[str]) -> Iterator[Finding]:
    """Ask for each order that was requested and is not in the list."""
    rows = WarehouseOrder.objects.filter(
        asked_at__gte=since, asked_at__lt=moment.now - moment.grace
    )
    open_rows = rows.exclude(standing__in=[*_ENDED, WarehouseOrder.Standing.ASKED])
    for row in open_rows.order_by("pk").with_names().iterator():
        number = row.number
        if number in seen:
            continue
        try:
            get_warehouse().status(number)
        except NotFound:
            yield Finding(Kind.NOT_AT_WAREHOUSE, number, order_of(number))


def _not_requested(moment: Moment) -> Iterator[Finding]:
    """Yield paid orders and exchanges to be sent that no saga will request."""
    saga = Saga.objects.filter(
        definition=SHIPPING_NAME, reference=OuterRef("order__number")
    )
    waiting = Shipment.objects.filter(
        status=Shipment.Status.REQUESTED,
        order__status=Order.Status.CONFIRMED,
        requested_at__lt=moment.now - moment.grace,
        # Staff hand it over: the warehouse is not asked.
        order__pickup_place="",
    )
    left = waiting.filter(~Exists(saga.exclude(state__in=ENDED)))
    for number in left.order_by("pk").values_list("order__number", flat=True):
        yield Finding(Kind.NOT_AT_WAREHOUSE, number, number)
    of_exchange = Saga.objects.filter(
        definition=SHIPPING_NAME, reference=OuterRef("number")
    )
    again = Exchange.objects.to_send().filter(
        requested_at__lt=moment.now - moment.grace, returned__order__pickup_place=""
    )
    left_again = again.filter(~Exists(of_exchange.exclude(state__in=ENDED)))
    for number in left_again.order_by("pk").values_list("number", flat=True):
        yield Finding(Kind.NOT_AT_WAREHOUSE, number, order_of(number))


def _finding(kind: Kind, status: Status, **facts: object) -> Finding:
    number = storable(status.shipment, 20)
    return Finding(kind, number, order_of(number), facts=facts)
