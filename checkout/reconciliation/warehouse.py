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
from orders.models import Order, Shipment
from saga.models import ENDED, Saga
from shop.redaction import redact_text
from shop.stored_text import storable

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
    rows = WarehouseOrder.objects.filter(shipment__order__number__in=numbers)
    related = rows.select_related("shipment__order__payment")
    known = {row.shipment.order.number: row for row in related}
    for status in page:
        row = known.get(status.shipment)
        if row is None:
            yield _finding(Kind.UNKNOWN_TO_SHOP, status)
        elif not moment.is_fresh(row.heard_at) and not moment.is_fresh(row.asked_at):
            yield from _compare(row, status)


def _compare(row: WarehouseOrder, status: Status) -> Iterator[Finding]:
    order, shipment = row.shipment.order, row.shipment
    beyond = sent(status) - units(row.asked_items)
    if beyond:
        yield _finding(Kind.SENT_TWICE, status, units=dict(beyond))
    if not status.parcels:
        return
    recorded = shipment.parcel_count > 0
    is_paid = order.status in COMPLETE and (recorded or not order.payment.is_gone)
    if not is_paid or shipment.status == Shipment.Status.CALLED_OFF:
        yield _finding(Kind.SHIPPED_UNPAID, status, units=dict(sent(status)))
    elif status.standing in _LEFT and order.status == Order.Status.CONFIRMED:
        yield _finding(Kind.SHIPMENT_BEHIND, status, units=dict(sent(status)))


def _unlisted(since: datetime, moment: Moment, seen: set[str]) -> Iterator[Finding]:
    """Ask for each order that was requested and is not in the list."""
    rows = WarehouseOrder.objects.filter(
        asked_at__gte=since, asked_at__lt=moment.now - moment.grace
    )
    open_rows = rows.exclude(standing__in=[*_ENDED, WarehouseOrder.Standing.ASKED])
    numbers = open_rows.order_by("pk").values_list("shipment__order__number", flat=True)
    for number in numbers.iterator():
        if number in seen:
            continue
        try:
            get_warehouse().status(number)
        except NotFound:
            yield Finding(Kind.NOT_AT_WAREHOUSE, number, number)


def _not_requested(moment: Moment) -> Iterator[Finding]:
    """Yield paid orders that wait for dispatch, and that no saga will request."""
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


def _finding(kind: Kind, status: Status, **facts: object) -> Finding:
    number = storable(status.shipment, 20)
    return Finding(kind, number, number, facts=facts)
