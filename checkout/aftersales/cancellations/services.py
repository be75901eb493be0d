"""Ask to cancel an order, decide on it, and begin to cancel it.

Before the charge the customer's own wish is enough: the checkout's saga is undone.
After it a person of the staff decides, and the cancellation's saga carries it out.
"""

import uuid
from dataclasses import dataclass

from django.db import transaction

from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.cancellations.errors import (
    BeingProcessed,
    NotCancellable,
    OtherAmountLeft,
)
from checkout.aftersales.dispatch import is_releasable
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.status.names import ASKED_TO_CANCEL, CANCELLATION_NAME
from checkout.status.progress import progress_of
from checkout.status.sagas import saga_of
from orders.models import Cancellation, Order, Payment, Shipment
from orders.transitions import cancellations
from orders.transitions.cancellations import Decision
from saga import operations
from saga.alerting import raise_notice
from saga.errors import ActionRefused
from shop import database_clock
from shop.money import Money

# How the history names the customer; the order's page shows who that is.
CUSTOMER = "customer"
_BY_CUSTOMER = "cancelled by the customer on the order's page"


@dataclass(frozen=True)
class Verdict:
    """What a member of staff decided.

    ``shown`` is the amount that the preview said would be refunded.
    """

    actor: str
    note: str
    shown: Money


@transaction.atomic
def ask(order: Order, uid: uuid.UUID, reason: str) -> Cancellation:
    """Record the customer's wish to cancel. Twice is once, by ``uid``.

    If nothing was approved or charged, the order is being cancelled at once; otherwise
    staff are alerted and decide. Raises NotCancellable or CancellationMoved.
    """
    known = Cancellation.objects.filter(uid=uid, order=order).first()
    if known:
        return known
    way = progress_of(order).cancel_way
    if not way:
        raise NotCancellable(order.number)
    if way == "at_once":
        return _cancel_unpaid(order, uid, reason)
    cancellation, is_new = cancellations.request(order, uid, reason)
    if is_new:
        topic = f"{ASKED_TO_CANCEL} {cancellation.pk}"
        raise_notice(CANCELLATION_NAME, topic, database_clock.read())
    return cancellation


def _cancel_unpaid(order: Order, uid: uuid.UUID, reason: str) -> Cancellation:
    nothing = Money(0, order.currency)
    cancellation, is_new = cancellations.begin(
        order,
        uid,
        Decision(CUSTOMER, "", nothing),
        by_customer=True,
        reason=reason,
    )
    if is_new:
        _undo_checkout(order, CUSTOMER, _BY_CUSTOMER)
    return cancellation


@transaction.atomic
def accept(cancellation: Cancellation, verdict: Verdict) -> bool:
    """Accept the customer's request, and begin to cancel. False if it was before.

    Raises NotCancellable or CancellationMoved, and then changes nothing.
    """
    order = cancellation.order
    left = _lock_charge(order)
    if not cancellations.accept(cancellation, _decision(verdict, left)):
        return False
    _check_shown(order, verdict, left)
    _carry_out(order, verdict)
    return True


@transaction.atomic
def cancel(order: Order, uid: uuid.UUID, verdict: Verdict) -> bool:
    """Cancel an order without a request. Return False if it was before, by ``uid``.

    Raises NotCancellable or CancellationMoved, and then changes nothing.
    """
    left = _lock_charge(order)
    decision = _decision(verdict, left)
    _cancellation, is_new = cancellations.begin(order, uid, decision)
    if is_new:
        _check_shown(order, verdict, left)
        _carry_out(order, verdict)
    return is_new


@transaction.atomic
def decline(cancellation: Cancellation, actor: str, answer: str) -> bool:
    """Decline the request, and mail ``answer`` to the customer. False if it was before.

    Raises CancellationMoved, and then changes nothing.
    """
    moved = cancellations.decline(cancellation, actor, answer)
    if moved:
        key = str(cancellation.pk)
        outbox.queue(
            cancellation.order,
            MailKind.CANCEL_DECLINED,
            key,
            cancellation=cancellation.pk,
        )
    return moved


def may_be_cancelled(order: Order) -> bool:
    """Return whether staff can cancel the order now; its charge may be left or not."""
    return is_unsent(order) or _is_approved(order)


def to_refund(order: Order) -> Money:
    """Return what cancelling the order gives back: what is left of its charge."""
    return Payment.objects.get(order=order).refundable


def open_request(order: Order) -> Cancellation | None:
    """Return the customer's request that waits for a decision."""
    return Cancellation.objects.open().filter(order=order).first()


def settled_wish(order: Order) -> Cancellation | None:
    """Return the cancellation that was decided and not declined: no other follows."""
    undecided = [Cancellation.Status.REQUESTED, Cancellation.Status.DECLINED]
    rows = Cancellation.objects.filter(order=order).exclude(status__in=undecided)
    return rows.first()


def _lock_charge(order: Order) -> Money:
    """Lock the payment, so that nothing is refunded meanwhile. Return what is left."""
    return Payment.objects.select_for_update().get(order=order).refundable


def _decision(verdict: Verdict, left: Money) -> Decision:
    return Decision(verdict.actor, verdict.note, left)


def _check_shown(order: Order, verdict: Verdict, left: Money) -> None:
    if verdict.shown != left:
        raise OtherAmountLeft(order.number, f"{left} are left, not {verdict.shown}")


def _carry_out(order: Order, verdict: Verdict) -> None:
    order.refresh_from_db()
    if is_unsent(order):
        operations.start(CANCELLATION, order.number)
    elif _is_approved(order):
        _undo_checkout(order, verdict.actor, verdict.note or _BY_CUSTOMER)
    else:
        raise NotCancellable(order.number)


def _undo_checkout(order: Order, actor: str, reason: str) -> None:
    """Undo the checkout's saga: void the payment, set the goods free.

    Raises BeingProcessed if it has passed its pivot, or a worker is at it.
    """
    try:
        operations.cancel(saga_of(order), actor, reason)
    except ActionRefused as error:
        raise BeingProcessed(order.number, str(error)) from error


def is_unsent(order: Order) -> bool:
    """Return whether the order is confirmed and no parcel of it has left."""
    if order.status != Order.Status.CONFIRMED:
        return False
    waiting = [Shipment.Status.REQUESTED, Shipment.Status.HELD_BACK]
    rows = Shipment.objects.filter(order=order, status__in=waiting, parcel_count=0)
    return rows.exists()


def _is_approved(order: Order) -> bool:
    """Return whether the order waits for its shipment, approved and not charged."""
    if order.status != Order.Status.PENDING or order.ready_at:
        return False
    return is_releasable(saga_of(order), Payment.objects.get(order=order))
