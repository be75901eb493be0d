"""Refunds: wanted by a member of staff, made by the provider, settled by reading it.

The row is committed before anything is sent. Whatever then happens to the call, the
refund is the same one: it is looked for among the provider's refunds first, by its
name, and asked for again only under its own key. Nothing here begins one by itself.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from checkout.aftersales import polling
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.gateway import PaymentError, Refused, get_gateway
from checkout.payments.methods import KONBINI
from checkout.payments.refunds_and_disputes import ProviderRefund, RefundStatus
from checkout.status.names import CHECKOUT_NAME
from inventory import services as inventory
from inventory.errors import NotShipped
from inventory.selectors import shipped_out
from orders.models import Order, Payment, Refund
from orders.polling import note_failure, plan_look, set_look
from orders.transitions import refunds
from orders.transitions.refunds import Wish
from saga.alerting import raise_notice

logger = logging.getLogger(__name__)

KIND = polling.Kind(
    model=Refund,
    task="checkout.settle_refund",
    unanswered=Refund.Status.REQUESTED,
    notice="refund_unanswered",
)
FAILED_NOTICE = "refund_failed"
_FAILED = (RefundStatus.FAILED, RefundStatus.CANCELED)


@transaction.atomic
def request_refund(order: Order, wish: Wish, *, launch: bool = True) -> Refund:
    """Take down what a member of staff wants given back, and let a worker send it.

    The same wish twice is one refund. Raises RefundRefused, or NotShipped for goods
    to be restocked that never left; nothing is changed then. Without ``launch`` the
    caller settles it.
    """
    gone = shipped_out(order.number)
    for item in wish.items:
        if item.restock and not gone.get(item.line.sku):
            raise NotShipped(order.number, item.line.sku)
    refund = refunds.request(order.payment, wish, polling.first_look())
    if launch:
        polling.hand_over_on_commit(KIND, refund.pk)
    return refund


def settle(refund_pk: int) -> Refund:
    """Ask the provider what became of a refund; have it made if it knows of none.

    Safe to repeat, by several at once. What could not be learned now is kept with
    the refund, and asked again later.
    """
    refund = Refund.objects.select_related("payment__order").get(pk=refund_pk)
    seen = refund.looks
    try:
        found: ProviderRefund | str | None = _found(refund)
        if found is None and refund.status == Refund.Status.REQUESTED:
            found = _made(refund)
    except PaymentError as error:
        logger.warning("refund %s is not settled yet: %s", refund.pk, error)
        note_failure(refund, str(error))
    else:
        _record(refund, seen, found)
    refund.refresh_from_db()
    return refund


def look_again(payment: Payment) -> None:
    """Read all refunds of a payment anew: the provider reported that one changed."""
    at = polling.first_look()
    for refund in payment.refunds.standing():
        if plan_look(refund, at):
            polling.hand_over_on_commit(KIND, refund.pk)


def sweep_refunds(now: datetime | None = None) -> int:
    """See to the refunds that no worker settled; return how many were looked at."""
    return polling.sweep(KIND, settle, now or timezone.now())


def _found(refund: Refund) -> ProviderRefund | None:
    if refund.refund_id:
        return get_gateway().retrieve_refund(refund.refund_id)
    if refund.looks == 1:
        # Nobody can have sent it yet.
        return None
    name = str(refund.uid)
    made = get_gateway().refunds_of(refund.payment.intent_id or "")
    return next((one for one in made if one.name == name), None)


def _made(refund: Refund) -> ProviderRefund | str:
    """Have the refund made; return why it is refused, if it is for good."""
    payment = refund.payment
    try:
        return get_gateway().refund(
            payment.intent_id or "",
            refund.amount_minor,
            name=str(refund.uid),
            key=f"refund:{refund.uid}",
            # Cash cannot go back to the store: the customer is asked for an account.
            email=payment.order.email if payment.method == KONBINI else "",
        )
    except Refused as error:
        return str(error)


@transaction.atomic
def _record(refund: Refund, seen: int, found: ProviderRefund | str | None) -> None:
    if isinstance(found, str):
        _fail(refund, found)
    elif found and found.status is RefundStatus.SUCCEEDED:
        if refunds.succeed(refund, found.id):
            _take_goods_back(refund)
            outbox.queue(refund.payment.order, MailKind.REFUNDED, str(refund.pk))
    elif found and found.status in _FAILED:
        _fail(refund, found.failure or found.status.value, found.id)
    elif found:
        refunds.await_bank(refund, found.id)
        note_failure(refund, "")
        return
    set_look(refund, seen, None)


def _fail(refund: Refund, why: str, refund_id: str | None = None) -> None:
    if refunds.fail(refund, why, refund_id):
        raise_notice(CHECKOUT_NAME, f"{FAILED_NOTICE} {refund.pk}", timezone.now())


def _take_goods_back(refund: Refund) -> None:
    """Only now: until the money is back the goods may still be the customer's."""
    units = {
        row.line.sku: row.quantity
        for row in refund.lines.filter(restock=True).select_related("line")
    }
    if not units:
        return
    number = refund.payment.order.number
    inventory.take_back(number, units, f"{number} refund {refund.pk}", refund.actor)
    refunds.record_returned(refund, units)
