"""The only writer of a shortage: goods found missing, and what was decided of them.

The shipment is held back as long as one is unsettled: that one row decides between
somebody who ships and somebody who finds the goods gone. Units that are missing count
as back from the order (``OrderLine.restocked``), so that no refund puts them into
stock once more, and no more can be missing than were ordered.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders import transitions
from orders.errors import (
    IllegalMove,
    NotToBePacked,
    ShortageMoved,
    ShortageOpen,
    TooManyMissing,
)
from orders.models import Order, OrderEvent, OrderLine, Shortage, ShortageLine
from orders.transitions import record_event

_MOVABLE = Shortage.UNSETTLED


@dataclass(frozen=True)
class Missing:
    """Units of one line that are not there."""

    line: OrderLine
    quantity: int


@dataclass(frozen=True)
class Report:
    """What somebody found at packing. ``uid`` is the form's own."""

    uid: uuid.UUID
    items: Sequence[Missing]
    expected_on: date | None
    actor: str
    note: str


@dataclass(frozen=True)
class Decision:
    """What somebody wants done. ``seen``: how many moves there were at the look.

    ``until`` belongs to waiting.
    """

    choice: Shortage.Choice
    seen: int
    actor: str
    reason: str
    by_customer: bool = False
    until: date | None = None


@transaction.atomic
def record(order: Order, report: Report) -> tuple[Shortage, bool]:
    """Write down what is missing and hold the parcel back; whether that was new.

    Raises NotToBePacked, ShortageOpen or TooManyMissing, and then changes nothing.
    """
    rows = Shortage.objects.filter(uid=report.uid, order=order)
    known = rows.first()
    if known:
        return known, False
    try:
        is_held = transitions.hold_back(order)
    except IllegalMove as error:
        raise NotToBePacked(order.number) from error
    if not is_held:
        # The same form, sent twice at the same moment, waited here for its twin.
        known = rows.first()
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
    for item in sorted(report.items, key=lambda item: item.line.pk):
        _count_back(item)
        ShortageLine.objects.create(
            shortage=shortage, line=item.line, quantity=item.quantity
        )
    units = {item.line.sku: item.quantity for item in report.items}
    _event(
        shortage,
        OrderEvent.Name.GOODS_MISSING,
        units=units,
        by=report.actor,
        note=report.note,
    )
    return shortage, True


@transaction.atomic
def ask(shortage: Shortage, seen: int, actor: str, until: date | None) -> None:
    """Write down that the customer is asked, and by when goods are expected now.

    Asked again, the last counts. Raises ShortageMoved when it is decided.
    """
    _move(
        shortage,
        seen,
        allowed=(Shortage.Status.OPEN.value,),
        asked_at=timezone.now(),
        asked_by=actor,
        expected_on=until,
    )
    _event(shortage, OrderEvent.Name.CUSTOMER_ASKED, by=actor)


@transaction.atomic
def decide(shortage: Shortage, decision: Decision, refund_minor: int) -> None:
    """Write down what becomes of the order, and let its parcel go or not.

    ``refund_minor`` is what that gives back, once a member of staff does it.
    Raises ShortageMoved when somebody, the customer perhaps, decided meanwhile.
    """
    waits = decision.choice == Shortage.Choice.WAIT
    now = timezone.now()
    _move(
        shortage,
        decision.seen,
        status=Shortage.Status.WAITING if waits else Shortage.Status.CLOSED,
        closed_at=None if waits else now,
        expected_on=decision.until or shortage.expected_on,
        choice=decision.choice,
        decided_at=now,
        decided_by=decision.actor,
        by_customer=decision.by_customer,
        reason=decision.reason,
        refund_minor=refund_minor,
    )
    if decision.choice == Shortage.Choice.CANCEL:
        transitions.call_off(shortage.order)
    elif not waits:
        transitions.send_on(shortage.order)
    _event(
        shortage,
        OrderEvent.Name.SHORTAGE_DECIDED,
        choice=decision.choice,
        by=decision.actor,
        by_customer=decision.by_customer,
        reason=decision.reason,
        refund=refund_minor,
        until=decision.until.isoformat() if decision.until else "",
    )


@transaction.atomic
def arrive(shortage: Shortage, seen: int, actor: str, reason: str) -> None:
    """Write down that the goods waited for are there, and let the parcel go.

    Raises ShortageMoved when somebody was faster, or nothing is waited for.
    """
    _move(
        shortage,
        seen,
        allowed=(Shortage.Status.WAITING.value,),
        status=Shortage.Status.CLOSED,
        closed_at=timezone.now(),
    )
    for row in shortage.lines.order_by("line"):
        OrderLine.objects.filter(pk=row.line_id).update(
            restocked=F("restocked") - row.quantity
        )
    transitions.send_on(shortage.order)
    _event(shortage, OrderEvent.Name.GOODS_ARRIVED, by=actor, reason=reason)


@transaction.atomic
def drop_promise(shortage: Shortage, seen: int, actor: str, reason: str) -> None:
    """Write down that what is still owed is not given back: it was a mistake.

    Raises ShortageMoved when somebody was faster, or nothing is owed any more.
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


def give_up(lines: Iterable[OrderLine]) -> dict[str, int]:
    """Count all that is left of ``lines`` as back; return SKU -> units."""
    units = {}
    for line in sorted(lines, key=lambda line: line.pk):
        if left := line.quantity - line.restocked:
            _count_back(Missing(line, left))
            units[line.sku] = left
    return units


def _count_back(item: Missing) -> None:
    counted = OrderLine.objects.filter(
        pk=item.line.pk, restocked__lte=F("quantity") - item.quantity
    ).update(restocked=F("restocked") + item.quantity)
    if not counted:
        line = OrderLine.objects.get(pk=item.line.pk)
        raise TooManyMissing(line.sku, line.quantity - line.restocked)


def _move(
    shortage: Shortage, seen: int, allowed: Sequence[str] = _MOVABLE, **fields: Any
) -> None:
    """Move by one conditional UPDATE, or raise ShortageMoved."""
    rows = Shortage.objects.filter(pk=shortage.pk, status__in=allowed, moves=seen)
    moved = rows.update(moves=F("moves") + 1, **fields)
    shortage.refresh_from_db()
    if not moved:
        raise ShortageMoved(shortage)


def _event(shortage: Shortage, name: OrderEvent.Name, **data: Any) -> None:
    key = f"{shortage.pk}-{shortage.moves}"
    record_event(shortage.order_id, name, key=key, shortage=shortage.pk, **data)
