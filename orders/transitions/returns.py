"""The only writer of a return, of its outcomes, and of the counters of what returns.

``returned`` in the row of the goods counts the units in returns that stand and are not
back in stock. A guarded UPDATE moves it beside its limits, so that two people at once
never take back more than was sent. Rows are locked in one order: return, then goods.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from orders.errors import NotReturnable, ReturnMoved, TooManyReturned
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Refund,
    Return,
    ReturnLine,
    ReturnPhoto,
    Substitute,
)
from orders.parcels import Units, by_sku, has_left, in_order
from orders.transitions.events import record_event
from orders.transitions.forms import made_by_form
from shop.database_clock import Now

_Status = Return.Status
_OPEN = [_Status.REQUESTED]
_AWAITED = [_Status.REQUESTED, _Status.APPROVED]
_APPROVED = [_Status.APPROVED]
_RECEIVED = [_Status.RECEIVED]


@dataclass(frozen=True)
class Wish:
    """What somebody wants to return. ``uid`` comes from the form: twice is once.

    ``photo`` is WebP, or empty.
    """

    uid: uuid.UUID
    items: Sequence[Units]
    reason: str
    comment: str = ""
    photo: bytes = b""


@dataclass(frozen=True)
class Decision:
    """What a member of staff decided. ``answer`` is for the customer."""

    actor: str
    note: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of the units of one line, in units; the others did not arrive."""

    row: ReturnLine
    restocked: int = 0
    scrapped: int = 0
    sent_back: int = 0


@transaction.atomic
def request(order: Order, wish: Wish) -> tuple[Return, bool]:
    """Record that the customer asks to return goods. Return whether it was new.

    Raises NotReturnable or TooManyReturned, and then changes nothing.
    """
    returned, is_new = _insert(order, wish, by_customer=True)
    if is_new:
        record(returned, OrderEvent.Name.RETURN_REQUESTED, units=by_sku(wish.items))
    return returned, is_new


@transaction.atomic
def register(order: Order, wish: Wish, decision: Decision) -> tuple[Return, bool]:
    """Record a return that staff allow at once. Return whether it was new.

    Raises NotReturnable or TooManyReturned, and then changes nothing.
    """
    decided = {"status": _Status.APPROVED, **_decided(decision)}
    returned, is_new = _insert(order, wish, **decided)
    if is_new:
        units = by_sku(wish.items)
        name = OrderEvent.Name.RETURN_APPROVED
        record(returned, name, by=decision.actor, units=units)
    return returned, is_new


@transaction.atomic
def approve(returned: Return, decision: Decision) -> bool:
    """Allow the return. Return False if it was before. Raises ReturnMoved."""
    moved = move(returned, _Status.APPROVED, _OPEN, **_decided(decision))
    if moved:
        record(returned, OrderEvent.Name.RETURN_APPROVED, by=decision.actor)
    return moved


@transaction.atomic
def refuse(returned: Return, decision: Decision) -> bool:
    """Refuse it, with words for the customer. Return False if it was before.

    Raises ReturnMoved.
    """
    fields = {**_decided(decision), "closed_at": Now(), "closed_by": decision.actor}
    moved = move(returned, _Status.REFUSED, _OPEN, **fields)
    if moved:
        _give_up(returned)
        record(returned, OrderEvent.Name.RETURN_REFUSED, by=decision.actor)
    return moved


@transaction.atomic
def withdraw(returned: Return, actor: str) -> bool:
    """End a return whose parcel never came. Return False if it was ended before.

    Raises ReturnMoved if the parcel has arrived, or it was refused.
    """
    ended = {"closed_at": Now(), "closed_by": actor}
    moved = move(returned, _Status.CANCELLED, _AWAITED, **ended)
    if moved:
        _give_up(returned)
        record(returned, OrderEvent.Name.RETURN_WITHDRAWN, by=actor)
    return moved


@transaction.atomic
def receive(returned: Return, outcomes: Sequence[Outcome], actor: str) -> bool:
    """Record that the parcel arrived, and what became of its units.

    Units without an outcome were not in it: they may be returned later. The caller
    moves the stock in the same transaction. Return False if it was recorded before;
    nothing changes then. Raises ReturnMoved.
    """
    arrived = {"received_at": Now(), "received_by": actor}
    moved = move(returned, _Status.RECEIVED, _APPROVED, **arrived)
    if not moved:
        return False
    found = {outcome.row.pk: outcome for outcome in outcomes}
    for row in rows_of(returned):
        _record_outcome(found.get(row.pk, Outcome(row)))
    record(returned, OrderEvent.Name.RETURN_RECEIVED, by=actor)
    return True


@transaction.atomic
def close(
    returned: Return, actor: str, *, answer: str = "", refund: Refund | None = None
) -> bool:
    """Settle a return that arrived: with a refund, or with words to the customer.

    Return False if it was closed before in the same way. Raises ReturnMoved.
    """
    fields: dict[str, Any] = {"closed_at": Now(), "closed_by": actor, "refund": refund}
    if answer:
        fields["answer"] = answer
    moved = move(returned, _Status.CLOSED, _RECEIVED, **fields)
    if moved:
        record(returned, OrderEvent.Name.RETURN_CLOSED, by=actor)
    elif returned.refund_id != (refund.pk if refund else None):
        raise ReturnMoved(returned)
    return moved


def _insert(order: Order, wish: Wish, **fields: Any) -> tuple[Return, bool]:
    """Insert the return and count its units, unless its form was sent before."""
    known = _known(order, wish.uid)
    if known is not None:
        return known, False
    if not has_left(order):
        raise NotReturnable(order.number)
    row = Return(
        uid=wish.uid, order=order, reason=wish.reason, comment=wish.comment, **fields
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # The same form was sent twice at once: this call waited for the other one.
        known = _known(order, wish.uid)
        if known is None:
            raise
        return known, False
    items = sorted((each for each in wish.items if each.quantity), key=in_order)
    if not items:
        raise NotReturnable(order.number)
    for units in items:
        _count(units)
    ReturnLine.objects.bulk_create(
        ReturnLine(
            returned=row,
            line=units.line,
            substitute=units.substitute,
            quantity=units.quantity,
        )
        for units in items
    )
    if wish.photo:
        ReturnPhoto.objects.create(returned=row, content=wish.photo)
    row.refresh_from_db()
    return row, True


def _known(order: Order, uid: uuid.UUID) -> Return | None:
    rows = Return.objects.select_related("order")
    return made_by_form(rows, uid, order_id=order.pk)


def _count(units: Units) -> None:
    """Raise the counter by a guarded update: never more than left and stayed out."""
    goods: OrderLine | Substitute = units.goods
    counted = (
        type(goods)
        .objects.filter(
            pk=goods.pk,
            shipped__gte=F("came_back") + F("returned") + units.quantity,
            quantity__gte=F("returned") + F("restocked") + units.quantity,
        )
        .update(returned=F("returned") + units.quantity)
    )
    if not counted:
        goods.refresh_from_db()
        raise TooManyReturned(goods.sku, goods.returnable)


def _give_up(returned: Return) -> None:
    """Take the units of a return that does not stand any more off the counters."""
    for row in rows_of(returned):
        _uncount(row, row.quantity)


def _record_outcome(outcome: Outcome) -> None:
    row, restocked = outcome.row, outcome.restocked
    ReturnLine.objects.filter(pk=row.pk).update(
        restocked=restocked, scrapped=outcome.scrapped, sent_back=outcome.sent_back
    )
    # What was scrapped stays counted for good: it cannot be returned once more.
    _uncount(row, row.quantity - outcome.scrapped, restocked)


def _uncount(row: ReturnLine, units: int, restocked: int = 0) -> None:
    goods = row.goods
    type(goods).objects.filter(pk=goods.pk).update(
        returned=F("returned") - units,
        restocked=F("restocked") + restocked,
        came_back=F("came_back") + restocked,
    )


def units_of(row: ReturnLine) -> Units:
    """Return the units of a row, as parcels have them."""
    return Units(row.line, row.quantity, row.substitute)


def rows_of(returned: Return) -> list[ReturnLine]:
    """Return its rows in the order in which several are always locked."""
    rows = returned.lines.select_related("line", "substitute__place__shortage")
    return sorted(rows, key=lambda row: in_order(units_of(row)))


def _decided(decision: Decision) -> dict[str, Any]:
    return {
        "decided_at": Now(),
        "decided_by": decision.actor,
        "note": decision.note,
        "answer": decision.answer,
    }


def move(
    returned: Return, to: Return.Status, allowed: list[Return.Status], **fields: Any
) -> bool:
    """Move by one conditional UPDATE. Return False if it is there already.

    Raises ReturnMoved if its status does not allow it.
    """
    rows = Return.objects.filter(pk=returned.pk, status__in=allowed)
    moved = rows.update(status=to, **fields)
    returned.refresh_from_db()
    if not moved and returned.status != to:
        raise ReturnMoved(returned)
    return bool(moved)


def record(returned: Return, name: OrderEvent.Name, key: str = "", **data: Any) -> None:
    """Write an event into the order's history. Twice is once, by name and ``key``."""
    key = key or str(returned.pk)
    record_event(returned.order_id, name, key=key, returned=returned.pk, **data)
