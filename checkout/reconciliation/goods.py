"""Compare the stock's ledger with its counters, and holds with orders and sagas.

Each check is one statement, so it sees one state: functions that move several of these
rows do it in one transaction. The whole stock is checked, however old.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import (
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex, Substr

from checkout.reconciliation.compare import COMPLETE, Moment
from checkout.reconciliation.kinds import Finding, Kind
from checkout.status.names import CHECKOUT_NAME
from inventory.audit import Count, counts
from inventory.models import Hold, Movement, StockItem
from orders.models import (
    Order,
    OrderLine,
    Payment,
    ReturnLine,
    Shipment,
    Substitute,
)
from saga.models import LIVE, Saga
from shop.catalogue.models import Variant

# Holds of these kinds can be released without harm.
RELEASABLE = (
    Kind.HOLD_WITHOUT_SAGA,
    Kind.HOLD_PASSING,
    Kind.HOLD_LEFT_BEHIND,
    Kind.PINNED_UNPAID,
)
# A reference is an order's number, or begins with it: "261122-7K3QX9 shortage 3".
_ORDER_NUMBER = Substr(
    "reference", 1, StrIndex(Concat("reference", Value(" ")), Value(" ")) - 1
)
_UNPAID = (Payment.Status.PENDING, Payment.Status.CANCELLED)


def findings(moment: Moment) -> Iterator[Finding]:
    """Yield all mismatches about goods."""
    for count in counts():
        yield from miscounted(count)
    yield from _holds(moment)
    shipped = Movement.objects.filter(kind=Movement.Kind.SHIP_OUT)
    shipped = shipped.annotate(number=_ORDER_NUMBER)
    order = Order.objects.filter(number=OuterRef("number"))
    strays = shipped.filter(~Exists(order))
    yield from _by_reference(Kind.MOVEMENT_WITHOUT_ORDER, strays)
    # What was booked out for an order that was cancelled later is on the shelf again.
    stopped = Q(shipment__status=Shipment.Status.CALLED_OFF)
    unpaid = order.exclude(status__in=COMPLETE).exclude(stopped)
    early = shipped.filter(Exists(unpaid))
    yield from _by_reference(Kind.GOODS_WITHOUT_PAYMENT, early)
    yield from _not_booked()
    yield from _substitutes_not_booked()
    yield from _returns_not_booked()
    yield from _unmatched_skus()


def miscounted(count: Count) -> Iterator[Finding]:
    """Yield where an article's counters differ from its ledger and its holds."""
    if count.on_hand != count.ledger:
        facts = {"here": count.on_hand, "there": count.ledger}
        yield Finding(Kind.LEDGER_DIFFERS, count.sku, facts=facts)
    if count.held != count.promised:
        facts = {"here": count.held, "there": count.promised}
        yield Finding(Kind.HELD_DIFFERS, count.sku, facts=facts)


class _Held(NamedTuple):
    """One active hold with the state of its order's saga and payment."""

    reference: str
    sku: str
    quantity: int
    created_at: datetime
    expires_at: datetime | None
    saga_state: str | None
    finished_at: datetime | None
    pivot_at: datetime | None
    payment_status: str | None


def _holds(moment: Moment) -> Iterator[Finding]:
    """Check every active hold that does not belong to a live saga."""
    sagas = Saga.objects.main_paths().filter(definition=CHECKOUT_NAME)
    saga = sagas.filter(reference=OuterRef("reference"))
    payment = Payment.objects.filter(order__number=OuterRef("reference"))
    rows = (
        Hold.objects.active()
        .filter(~Exists(saga.filter(state__in=LIVE)))
        .annotate(
            sku=F("item__sku"),
            saga_state=Subquery(saga.values("state")[:1]),
            finished_at=Subquery(saga.values("finished_at")[:1]),
            pivot_at=Subquery(saga.values("pivot_at")[:1]),
            payment_status=Subquery(payment.values("status")[:1]),
        )
        .order_by("reference", "sku")
    )
    found: dict[tuple[Kind, str], dict[str, int]] = defaultdict(dict)
    for row in rows.values_list(*_Held._fields):
        held = _Held(*row)
        kind = _hold(held, moment)
        if kind:
            found[kind, held.reference][held.sku] = held.quantity
    for (kind, reference), units in found.items():
        yield Finding(kind, reference, reference, facts={"units": units})


def _hold(held: _Held, moment: Moment) -> Kind | None:
    if moment.is_fresh(held.created_at) or moment.is_fresh(held.finished_at):
        return None
    if held.saga_state is None:
        passes = held.expires_at and held.expires_at > moment.now - moment.grace
        return Kind.HOLD_PASSING if passes else Kind.HOLD_WITHOUT_SAGA
    pinned = held.expires_at is None and held.pivot_at is None
    if pinned and held.payment_status in _UNPAID:
        return Kind.PINNED_UNPAID
    # A stopped saga keeps its goods: staff decide.
    return Kind.HOLD_LEFT_BEHIND if held.finished_at else None


def _by_reference(kind: Kind, rows: QuerySet[Movement]) -> Iterator[Finding]:
    lines = rows.order_by().values_list("reference", "item__sku", "quantity")
    yield from _gathered(kind, ((name, sku, -out) for name, sku, out in lines))


def _not_booked() -> Iterator[Finding]:
    booked = Movement.objects.filter(
        kind=Movement.Kind.SHIP_OUT,
        reference=OuterRef("order__number"),
        item__sku=OuterRef("sku"),
        quantity=-1 * OuterRef("quantity"),
    )
    lines = OrderLine.objects.filter(~Exists(booked), order__status__in=COMPLETE)
    rows = lines.order_by().values_list("order__number", "sku", "quantity")
    yield from _gathered(Kind.GOODS_NOT_BOOKED, rows)


def _substitutes_not_booked() -> Iterator[Finding]:
    """Yield substitutes for which no movement of their shortage is booked."""
    shortage = OuterRef("place__shortage")
    number = OuterRef("place__shortage__order__number")
    booked = Movement.objects.filter(
        kind=Movement.Kind.SHIP_OUT,
        reference=Concat(number, Value(" shortage "), Cast(shortage, CharField())),
        item__sku=OuterRef("sku"),
        # Several rows of one shortage may be replaced by the same article.
        quantity__lte=-1 * OuterRef("quantity"),
    )
    rows = Substitute.objects.chosen().filter(~Exists(booked)).order_by()
    lines = rows.values_list("place__shortage__order__number", "sku", "quantity")
    yield from _gathered(Kind.GOODS_NOT_BOOKED, lines)


def _returns_not_booked() -> Iterator[Finding]:
    """Yield goods that the shop kept of a return, without their movement."""
    number = OuterRef("returned__order__number")
    named = Concat(number, Value(" return "), Cast(OuterRef("returned"), CharField()))
    kept = OuterRef("restocked") + OuterRef("scrapped")
    booked = Movement.objects.filter(
        # What was sent instead is booked beside the order's own goods.
        Q(reference=named) | Q(reference__startswith=Concat(named, Value(" of "))),
        kind=Movement.Kind.RETURN,
        item__sku=Coalesce(OuterRef("substitute__sku"), OuterRef("line__sku")),
        # Several substitutes of one shortage may be the same article.
        quantity__gte=kept,
    )
    rows = ReturnLine.objects.filter(
        ~Exists(booked), Q(restocked__gt=0) | Q(scrapped__gt=0)
    )
    sku = Coalesce("substitute__sku", "line__sku")
    lines = rows.order_by().annotate(sku=sku, units=F("restocked") + F("scrapped"))
    found = lines.values_list("returned__order__number", "sku", "units")
    yield from _gathered(Kind.RETURN_NOT_BOOKED, found)


def _unmatched_skus() -> Iterator[Finding]:
    """Yield stock that no product sells, and goods on sale that the stock lacks."""
    variant = Variant.objects.filter(sku=OuterRef("sku"))
    strays = StockItem.objects.filter(~Exists(variant), on_hand__gt=0)
    for sku, on_hand in strays.values_list("sku", "on_hand"):
        facts = {"units": {sku: on_hand}}
        yield Finding(Kind.STOCK_WITHOUT_PRODUCT, sku, facts=facts)
    item = StockItem.objects.filter(sku=OuterRef("sku"))
    lacking = Variant.objects.on_sale().filter(~Exists(item)).order_by("sku")
    for sku in lacking.values_list("sku", flat=True):
        yield Finding(Kind.PRODUCT_WITHOUT_STOCK, sku)


def _gathered(kind: Kind, rows: Iterable[tuple[str, str, int]]) -> Iterator[Finding]:
    """Yield one finding for all lines (reference, SKU, units) of a reference."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for reference, sku, units in rows:
        found[reference][sku] = units
    for reference, units_by_sku in sorted(found.items()):
        yield Finding(kind, reference, reference, facts={"units": units_by_sku})
