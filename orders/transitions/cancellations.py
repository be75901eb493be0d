"""The only writer of a cancellation and its status.

The shipment's row decides between a cancellation and a parcel that leaves at the same
moment. Rows are locked in one order: payment, shipment, order, lines, cancellation.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from orders.errors import CancellationMoved
from orders.models import Cancellation, Order, OrderEvent, Refund
from orders.transitions.events import record_event
from orders.transitions.forms import made_by_form
from shop.database_clock import Now
from shop.money import Money

_Status = Cancellation.Status
_OPEN = [_Status.REQUESTED]
_UNDER_WAY = [_Status.ACCEPTED]
# Who "decided" on a request whose order ended before anybody did.
BY_ITSELF = "saga"


@dataclass(frozen=True)
class Decision:
    """A person's decision to cancel. ``refund`` goes back as this person's decision."""

    actor: str
    note: str
    refund: Money


@transaction.atomic
def request(order: Order, uid: uuid.UUID, reason: str) -> tuple[Cancellation, bool]:
    """Record that the customer asks to cancel. Return whether it was new.

    Raises CancellationMoved if the order has another request that is not declined.
    """
    row = _new(order, uid, by_customer=True, reason=reason)
    is_new = _insert(row)
    if is_new:
        _event(row, OrderEvent.Name.CANCELLATION_REQUESTED)
    return _known(order, uid), is_new


@transaction.atomic
def begin(
    order: Order,
    uid: uuid.UUID,
    decision: Decision,
    *,
    by_customer: bool = False,
    reason: str = "",
) -> tuple[Cancellation, bool]:
    """Record a cancellation that is decided at once. Return whether it was new.

    Raises CancellationMoved if the order has another request that is not declined.
    """
    row = _new(
        order,
        uid,
        by_customer=by_customer,
        reason=reason,
        status=_Status.ACCEPTED,
        **_decided(decision),
    )
    is_new = _insert(row)
    known = _known(order, uid)
    if is_new:
        _event(known, OrderEvent.Name.CANCELLATION_ACCEPTED, by=decision.actor)
    return known, is_new


@transaction.atomic
def accept(cancellation: Cancellation, decision: Decision) -> bool:
    """Accept a request. Return False if it was accepted before.

    Raises CancellationMoved if it was declined, or the parcel has left meanwhile.
    """
    moved = _move(cancellation, _Status.ACCEPTED, allowed=_OPEN, **_decided(decision))
    if moved:
        _event(cancellation, OrderEvent.Name.CANCELLATION_ACCEPTED, by=decision.actor)
    return moved


@transaction.atomic
def decline(cancellation: Cancellation, actor: str, answer: str) -> bool:
    """Decline a request, with words for the customer. Return False if it was before.

    Raises CancellationMoved if it was accepted, or the parcel has left meanwhile.
    """
    moved = _move(
        cancellation,
        _Status.DECLINED,
        allowed=_OPEN,
        decided_at=Now(),
        decided_by=actor,
        answer=answer,
        closed_at=Now(),
    )
    if moved:
        _event(cancellation, OrderEvent.Name.CANCELLATION_DECLINED, by=actor)
    return moved


def settle_with_order(order: Order, actor: str) -> bool:
    """Settle an undecided request: the order was cancelled for another reason.

    Return whether there was one. One that was accepted is left to its saga.
    """
    return bool(
        Cancellation.objects.open()
        .filter(order=order)
        .update(
            status=_Status.DONE,
            decided_at=Now(),
            decided_by=actor,
            closed_at=Now(),
        )
    )


@transaction.atomic
def overtake(order: Order, actor: str) -> Cancellation | None:
    """End a request that nobody decided: ``actor`` has handed the parcel over.

    Return it, or None if there was none.
    """
    row = Cancellation.objects.open().filter(order=order).first()
    if row is None:
        return None
    ended = _try(
        row,
        _Status.REFUSED,
        allowed=_OPEN,
        decided_at=Now(),
        decided_by=actor,
        closed_at=Now(),
    )
    if not ended:
        return None
    _event(row, OrderEvent.Name.CANCELLATION_REFUSED)
    return row


@transaction.atomic
def refuse(cancellation: Cancellation) -> bool:
    """Record that the parcel could not be stopped. Return False if it was before."""
    moved = _move(
        cancellation, _Status.REFUSED, allowed=_UNDER_WAY, refund=None, closed_at=Now()
    )
    if moved:
        _event(cancellation, OrderEvent.Name.CANCELLATION_REFUSED)
    return moved


@transaction.atomic
def reopen(order: Order) -> Cancellation | None:
    """Have staff decide once more: the order was paid while it was being cancelled.

    Return the cancellation, or None if there was none under way.
    """
    row = Cancellation.objects.under_way().filter(order=order).first()
    if row is None:
        return None
    back = {"decided_at": None, "decided_by": "", "refund_minor": 0}
    return row if _try(row, _Status.REQUESTED, _UNDER_WAY, **back) else None


@transaction.atomic
def close_unpaid(order: Order) -> Cancellation | None:
    """Settle the cancellation of an order that ends without a charge, and return it.

    Return None if the order ends for another reason alone.
    """
    row = Cancellation.objects.under_way().filter(order=order).first()
    if row is None:
        settle_with_order(order, BY_ITSELF)
        return None
    finish(row)
    return row


@transaction.atomic
def finish(cancellation: Cancellation) -> bool:
    """Record that the order is cancelled. Return False if it was before."""
    return _move(cancellation, _Status.DONE, allowed=_UNDER_WAY, closed_at=Now())


def link_refund(cancellation: Cancellation, refund: Refund) -> None:
    """Record the refund that belongs to the cancellation. Twice is once.

    Raises CancellationMoved if it has another one.
    """
    rows = Cancellation.objects.filter(pk=cancellation.pk)
    if not rows.filter(refund=None).update(refund=refund):
        cancellation.refresh_from_db()
        if cancellation.refund_id != refund.pk:
            raise CancellationMoved(cancellation)
    cancellation.refund = refund


def _new(order: Order, uid: uuid.UUID, **fields: Any) -> Cancellation:
    return Cancellation(uid=uid, order=order, currency=order.currency, **fields)


def _insert(row: Cancellation) -> bool:
    """Insert the row unless it is known.

    Raises CancellationMoved beside another of the order, or FormOfAnother.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        rows = Cancellation.objects.all()
        if made_by_form(rows, row.uid, order_id=row.order_id):
            return False
        other = Cancellation.objects.filter(order=row.order_id).first()
        if other is None:
            raise
        raise CancellationMoved(other) from None
    return True


def _known(order: Order, uid: uuid.UUID) -> Cancellation:
    return Cancellation.objects.select_related("order").get(uid=uid, order=order)


def _decided(decision: Decision) -> dict[str, Any]:
    return {
        "decided_at": Now(),
        "decided_by": decision.actor,
        "note": decision.note,
        "refund_minor": decision.refund.minor,
    }


def _move(
    cancellation: Cancellation,
    to: Cancellation.Status,
    allowed: list[Cancellation.Status],
    **fields: Any,
) -> bool:
    """Move it. Return False if it is there already. Raises CancellationMoved."""
    if _try(cancellation, to, allowed, **fields):
        return True
    cancellation.refresh_from_db()
    if cancellation.status == to:
        return False
    raise CancellationMoved(cancellation)


def _try(
    cancellation: Cancellation,
    to: Cancellation.Status,
    allowed: list[Cancellation.Status],
    **fields: Any,
) -> bool:
    """Move by one conditional UPDATE. Return whether its status allowed it."""
    rows = Cancellation.objects.filter(pk=cancellation.pk, status__in=allowed)
    if not rows.update(status=to, **fields):
        return False
    cancellation.refresh_from_db()
    return True


def _event(row: Cancellation, name: OrderEvent.Name, **data: Any) -> None:
    record_event(row.order_id, name, key=str(row.pk), **data)
