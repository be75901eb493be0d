"""The only writer of a shortage and its status.

The shipment is held back while a shortage is unsettled: the shipment's row decides if
one person ships while another finds the goods missing. Missing units count as restocked
(``OrderLine.restocked``), so that no refund restocks them again, and no more can be
missing than were ordered.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from orders.errors import (
    IllegalMove,
    NotToBePacked,
    ShortageMoved,
    ShortageOpen,
    TooManyMissing,
)
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Shortage,
    ShortageLine,
    Substitute,
)
from orders.parcels import Instead, Units, by_sku, due, in_order, still_due
from orders.transitions import shipments
from orders.transitions.events import record_event
from orders.transitions.forms import made_by_form
from shop.database_clock import Now

_MOVABLE = Shortage.UNSETTLED


@dataclass(frozen=True)
class Report:
    """What was found missing at packing. ``uid`` comes from the form."""

    uid: uuid.UUID
    items: Sequence[Units]
    expected_on: date | None
    actor: str
    note: str


@dataclass(frozen=True)
class Decision:
    """A decision of staff or the customer. ``seen``: ``moves`` when the page was shown.

    ``until`` belongs to waiting; ``instead`` has one substitute for each missing row.
    """

    choice: Shortage.Choice
    seen: int
    actor: str
    reason: str
    by_customer: bool = False
    until: date | None = None
    instead: Sequence[Instead] = ()


@transaction.atomic
def record(order: Order, report: Report) -> tuple[Shortage, bool]:
    """Record what is missing and hold the parcel back. Return whether it was new.

    Changes nothing with NotToBePacked, ShortageOpen, TooManyMissing or FormOfAnother.
    """
    known = _known(order, report)
    if known:
        return known, False
    try:
        is_held = shipments.hold_back(order)
    except IllegalMove as error:
        raise NotToBePacked(order.number) from error
    if not is_held:
        # The same form was sent twice at once: this call waited for the other one.
        known = _known(order, report)
        if known is None:
            raise ShortageOpen(order.number)
        return known, False
    shortage = Shortage.objects.create(
        uid=report.uid,
        order=order,
        recorded_by=report.actor,
        note=report.note,
        expected_on=report.expected_on,
        currency=order.currency,
    )
    for item in sorted(report.items, key=in_order):
        _count_back(item)
        ShortageLine.objects.create(
            shortage=shortage,
            line=item.line,
            substitute=item.substitute,
            quantity=item.quantity,
        )
    _event(
        shortage,
        OrderEvent.Name.GOODS_MISSING,
        units=by_sku(report.items),
        by=report.actor,
        note=report.note,
    )
    return shortage, True


def _known(order: Order, report: Report) -> Shortage | None:
    return made_by_form(Shortage.objects.all(), report.uid, order_id=order.pk)


@transaction.atomic
def ask(
    shortage: Shortage,
    seen: int,
    actor: str,
    until: date | None,
    instead: Sequence[Instead] = (),
) -> None:
    """Record that the customer is asked, and when the goods are expected.

    ``instead`` are the substitutes offered. If asked again, the last offer counts.
    Raises ShortageMoved if it was decided meanwhile.
    """
    _move(
        shortage,
        seen,
        allowed=(Shortage.Status.OPEN.value,),
        asked_at=Now(),
        asked_by=actor,
        expected_on=until,
    )
    _propose(shortage, instead)
    offered = _describe(instead)
    _event(shortage, OrderEvent.Name.CUSTOMER_ASKED, by=actor, offered=offered)


@transaction.atomic
def decide(shortage: Shortage, decision: Decision, refund_minor: int) -> None:
    """Record a decision, and release, hold or call off the parcel accordingly.

    ``refund_minor`` is what staff then have to refund. Raises ShortageMoved if staff or
    the customer decided meanwhile.
    """
    waits = decision.choice == Shortage.Choice.WAIT
    _move(
        shortage,
        decision.seen,
        status=Shortage.Status.WAITING if waits else Shortage.Status.CLOSED,
        closed_at=None if waits else Now(),
        expected_on=decision.until or shortage.expected_on,
        choice=decision.choice,
        decided_at=Now(),
        decided_by=decision.actor,
        by_customer=decision.by_customer,
        reason=decision.reason,
        refund_minor=refund_minor,
    )
    if decision.choice == Shortage.Choice.SUBSTITUTE:
        _propose(shortage, decision.instead)
    if decision.choice == Shortage.Choice.CANCEL:
        shipments.call_off(shortage.order, Order.CancelReason.MISSING, decision.actor)
    elif not waits:
        shipments.send_on(shortage.order)
        # All that was there may have left before the rest was found missing.
        shipments.finish(shortage.order, actor=decision.actor)
    _event(
        shortage,
        OrderEvent.Name.SHORTAGE_DECIDED,
        choice=decision.choice,
        by=decision.actor,
        by_customer=decision.by_customer,
        reason=decision.reason,
        refund=refund_minor,
        until=decision.until.isoformat() if decision.until else "",
        instead=_describe(decision.instead),
    )


@transaction.atomic
def arrive(shortage: Shortage, seen: int, actor: str, reason: str) -> None:
    """Record that the goods have arrived, and release the parcel.

    Raises ShortageMoved if it was settled meanwhile, or no goods are expected.
    """
    _move(
        shortage,
        seen,
        allowed=(Shortage.Status.WAITING.value,),
        status=Shortage.Status.CLOSED,
        closed_at=Now(),
    )
    for row in shortage.lines.order_by("line", "substitute"):
        goods = row.goods
        type(goods).objects.filter(pk=goods.pk).update(
            restocked=F("restocked") - row.quantity
        )
    shipments.send_on(shortage.order)
    _event(shortage, OrderEvent.Name.GOODS_ARRIVED, by=actor, reason=reason)


@transaction.atomic
def drop_promise(shortage: Shortage, seen: int, actor: str, reason: str) -> None:
    """Record that what is still owed will not be refunded: it was a mistake.

    Raises ShortageMoved if it was changed meanwhile, or nothing is owed any more.
    """
    owed = shortage.owed
    if seen != shortage.moves or not owed:
        raise ShortageMoved(shortage)
    left = shortage.refund - owed
    _move(shortage, seen, allowed=(Shortage.Status.CLOSED,), refund_minor=left.minor)
    _event(
        shortage,
        OrderEvent.Name.PROMISE_DROPPED,
        amount=owed.minor,
        by=actor,
        reason=reason,
    )


def settle_with_order(order: Order, actor: str) -> bool:
    """Settle a shortage: its order was cancelled, which gives back what is left."""
    rows = Shortage.objects.filter(order=order, status__in=_MOVABLE)
    return bool(
        rows.update(
            status=Shortage.Status.CLOSED,
            choice=Shortage.Choice.CANCEL,
            decided_at=Now(),
            decided_by=actor,
            closed_at=Now(),
            moves=F("moves") + 1,
        )
    )


def give_up(order: Order) -> list[Units]:
    """Count all units that would still be sent as restocked, and return them."""
    rest = sorted(due(order), key=in_order)
    for units in rest:
        _count_back(units)
    return rest


def _count_back(units: Units) -> None:
    goods: OrderLine | Substitute = units.goods
    counted = (
        type(goods)
        .objects.filter(still_due(units.quantity), pk=goods.pk)
        .update(restocked=F("restocked") + units.quantity)
    )
    if not counted:
        goods.refresh_from_db()
        raise TooManyMissing(goods.sku, goods.due)


def _propose(shortage: Shortage, instead: Sequence[Instead]) -> None:
    """Store substitutes for the missing goods; they replace earlier offers."""
    Substitute.objects.filter(place__shortage=shortage).delete()
    Substitute.objects.bulk_create(
        Substitute(
            place=each.row,
            sku=each.sku,
            name=each.name,
            variant=each.variant,
            unit_minor=each.unit_minor,
            paid_minor=each.paid_minor,
            quantity=each.quantity,
        )
        for each in instead
    )


def _describe(instead: Sequence[Instead]) -> list[str]:
    """Return the substitutes as text for the order's history."""
    return [
        f"{each.quantity} x {each.sku} for {each.row.goods.sku}" for each in instead
    ]


def _move(
    shortage: Shortage, seen: int, allowed: Sequence[str] = _MOVABLE, **fields: Any
) -> None:
    """Move by one conditional UPDATE. Raises ShortageMoved if another was faster."""
    rows = Shortage.objects.filter(pk=shortage.pk, status__in=allowed, moves=seen)
    moved = rows.update(moves=F("moves") + 1, **fields)
    shortage.refresh_from_db()
    if not moved:
        raise ShortageMoved(shortage)


def _event(shortage: Shortage, name: OrderEvent.Name, **data: Any) -> None:
    key = f"{shortage.pk}-{shortage.moves}"
    record_event(shortage.order_id, name, key=key, shortage=shortage.pk, **data)
