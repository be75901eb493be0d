"""Refunds: requested by staff, made by the provider, settled by reading it there.

The row is committed before anything is sent. If the call fails, the refund is first
looked up by its name among the provider's refunds, and requested again only under its
own idempotency key. No code starts a refund: a member of staff does.
"""

import logging
from datetime import datetime

from django.db import transaction

from checkout.aftersales import polling
from checkout.aftersales.refunds import notices
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.gateway import (
    PaymentError,
    Refused,
    UnreadableAnswer,
    get_gateway,
)
from checkout.payments.methods import KONBINI
from checkout.payments.refunds_and_disputes import ProviderRefund, RefundStatus
from checkout.payments.unreadable import UnreadableObject
from checkout.status.names import CHECKOUT_NAME
from inventory import services as inventory
from inventory.errors import NotShipped
from inventory.selectors import shipped_out
from orders import transitions
from orders.models import Cancellation, Order, Payment, Refund
from orders.transitions import refunds
from orders.transitions.polling import finish_poll, note_failure, plan_poll
from orders.transitions.refunds import RefundRequest
from saga.alerting import raise_notice
from shop import database_clock
from shop.text.mail_address import is_standard

logger = logging.getLogger(__name__)

KIND = polling.Kind(
    model=Refund,
    task="checkout.settle_refund",
    unanswered=Refund.Status.REQUESTED,
    notice=notices.UNANSWERED,
)
_FAILED = (RefundStatus.FAILED, RefundStatus.CANCELED)


@transaction.atomic
def request_refund(
    order: Order, wanted: RefundRequest, *, enqueue: bool = True
) -> Refund:
    """Record a refund that a member of staff requests, and let a worker send it.

    The same request twice is one refund. Raises RefundRefused, or NotShipped if goods
    to be restocked never left, and then changes nothing. Without ``enqueue`` the
    caller has to settle the refund.
    """
    gone = shipped_out(order.number)
    for item in wanted.items:
        if item.restock and not gone.get(item.line.sku):
            raise NotShipped(order.number, item.line.sku)
    refund = refunds.request(order.payment, wanted, polling.first_poll_at())
    if enqueue:
        polling.send_on_commit(KIND, refund.pk)
    return refund


def settle(refund_pk: int) -> Refund:
    """Read a refund at the provider and record its state; make it if there is none.

    Safe to repeat, and to run several times at once. If the provider does not answer,
    the error is recorded with the refund and a later poll asks again.
    """
    refund = Refund.objects.select_related("payment__order").get(pk=refund_pk)
    seen = refund.polls
    try:
        found: ProviderRefund | str | None = _found(refund)
        if found is None and refund.status == Refund.Status.REQUESTED:
            found = _made(refund)
    except PaymentError as error:
        logger.warning("refund %s is not settled yet: %s", refund.pk, error)
        note_failure(refund, str(error))
    else:
        record(refund, seen, found)
    refund.refresh_from_db()
    return refund


def poll_again(payment: Payment) -> None:
    """Poll all refunds of a payment, because the provider reported a change."""
    at = polling.first_poll_at()
    for refund in payment.refunds.not_failed():
        if plan_poll(refund, at):
            polling.send_on_commit(KIND, refund.pk)


def sweep_refunds(now: datetime | None = None) -> int:
    """Settle the refunds that are due. Return how many those were."""
    return polling.sweep(KIND, settle, now or database_clock.read())


def _found(refund: Refund) -> ProviderRefund | None:
    if refund.refund_id:
        return get_gateway().retrieve_refund(refund.refund_id)
    if refund.polls == 1:
        # The first poll: it cannot have been sent before.
        return None
    name = str(refund.uid)
    made = list(get_gateway().refunds_of(refund.payment.intent_id or ""))
    for one in made:
        if isinstance(one, ProviderRefund) and one.name == name:
            return one
    for one in made:
        if isinstance(one, UnreadableObject):
            # It may be this one: made again, the money would go back twice.
            raise UnreadableAnswer(one.why)
    return None


def _made(refund: Refund) -> ProviderRefund | str:
    """Make the refund. Return it, or why the provider refuses it for good."""
    payment = refund.payment
    try:
        return get_gateway().refund(
            payment.intent_id or "",
            refund.amount_minor,
            name=str(refund.uid),
            key=f"refund:{refund.uid}",
            email=_instructions_to(payment),
        )
    except Refused as error:
        return str(error)


def _instructions_to(payment: Payment) -> str:
    """Return where the customer is asked for an account: cash has no way back.

    "" if the provider would refuse the order's address. It then uses the one that the
    customer entered for the payment.
    """
    email = payment.order.email
    return email if payment.method == KONBINI and is_standard(email) else ""


@transaction.atomic
def record(refund: Refund, seen: int, found: ProviderRefund | str | None) -> None:
    """Record what was read of a refund. ``found`` may be why it was refused for good.

    ``seen`` is the number of polls that had been planned when it was read.
    """
    if isinstance(found, str):
        _fail(refund, found)
        # Often because something was refunded or disputed there: then it is read.
        plan_poll(refund.payment, database_clock.read())
    elif found and found.status is RefundStatus.SUCCEEDED:
        if refunds.succeed(refund, found.id):
            _take_goods_back(refund)
            _queue_mail(refund)
    elif found and found.status in _FAILED:
        _fail(refund, found.failure or found.status.value, found.id)
    elif found:
        refunds.await_bank(refund, found.id)
        note_failure(refund, "")
        return
    finish_poll(refund, seen, None)


def _fail(refund: Refund, why: str, refund_id: str | None = None) -> None:
    if refunds.fail(refund, why, refund_id):
        raise_notice(
            CHECKOUT_NAME, f"{notices.FAILED} {refund.pk}", database_clock.read()
        )


def _queue_mail(refund: Refund) -> None:
    """Queue the customer's mail, unless another one reports the refund.

    Who refunds at the provider writes the mail there; a cancellation has its own.
    """
    is_reported = Cancellation.objects.filter(refund=refund).exists()
    if refund.origin == Refund.Origin.SHOP and not is_reported:
        outbox.queue(refund.payment.order, MailKind.REFUNDED, str(refund.pk))


def _take_goods_back(refund: Refund) -> None:
    """Restock the goods that came back, once the refund has succeeded."""
    units = {
        row.line.sku: row.quantity
        for row in refund.lines.filter(restock=True).select_related("line")
    }
    if not units:
        return
    number = refund.payment.order.number
    inventory.take_back(number, units, f"{number} refund {refund.pk}", refund.actor)
    refunds.record_returned(refund, units)
    # Of an order whose first parcels left, the rest may be what came back.
    transitions.finish(refund.payment.order, actor=refund.actor)
