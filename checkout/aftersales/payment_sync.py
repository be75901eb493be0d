"""Payments as they are at the provider: read there, and recorded here.

Staff also charge, void and refund on the provider's own pages. What the saga does not
read by its own steps is read here: refunds, and the payment of an order that stopped.
Nothing is charged, voided or refunded because of it (docs/adr/0021).
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from checkout.aftersales import polling
from checkout.aftersales.refunds import notices
from checkout.aftersales.refunds import services as refunds
from checkout.flow.definition import CHECKOUT
from checkout.flow.payment_page import page_of
from checkout.flow.payment_records import record_approved
from checkout.payments.gateway import (
    Intent,
    IntentStatus,
    NotFound,
    PaymentError,
    UnreadableAnswer,
    get_gateway,
)
from checkout.payments.payment_pages import PageStatus
from checkout.payments.refunds_and_disputes import ProviderRefund, RefundStatus
from checkout.payments.unreadable import UnreadableObject
from checkout.status.names import CHECKOUT_NAME
from orders import transitions
from orders.errors import IllegalMove
from orders.models import Payment, Refund
from orders.transitions.polling import finish_poll, note_failure, plan_poll
from orders.transitions.refunds import FoundAtProvider, record_found
from saga import operations
from saga.alerting import raise_notice
from saga.models import LIVE, Saga
from shop import database_clock

logger = logging.getLogger(__name__)

KIND = polling.Kind(model=Payment, task="checkout.read_payment")
# https://docs.stripe.com/api/events/types
_OF_REFUNDS = ("refund.", "charge.refund")
_OF_DISPUTES = "charge.dispute."
# What an event says of the payment; others say nothing that ends it.
_SAYS: dict[str, str] = {
    "payment_intent.succeeded": Payment.Status.CAPTURED,
    "charge.captured": Payment.Status.CAPTURED,
    "charge.succeeded": Payment.Status.CAPTURED,
    "payment_intent.canceled": Payment.Status.CANCELLED,
    "charge.expired": Payment.Status.CANCELLED,
    "checkout.session.completed": Payment.Status.AUTHORIZED,
    "checkout.session.async_payment_succeeded": Payment.Status.CAPTURED,
}
_NOT_MADE = (RefundStatus.FAILED, RefundStatus.CANCELED)


def hear(payment: Payment, event_type: str, object_id: str) -> None:
    """Have the payment read again, if no step of its order's saga will do that."""
    if event_type.startswith(_OF_REFUNDS):
        is_known = Refund.objects.filter(refund_id=object_id).exists()
        if not is_known:
            poll_again(payment)
        return
    is_news = _says(payment, event_type) != payment.status
    if is_news and _is_at_rest(payment.order.number):
        poll_again(payment)


def _says(payment: Payment, event_type: str) -> str:
    """Return the status that the payment must have after such an event."""
    if event_type.startswith(_OF_DISPUTES):
        return Payment.Status.CAPTURED
    return _SAYS.get(event_type, payment.status)


def poll_again(payment: Payment) -> None:
    """Have the payment read at the provider, soon and until that has succeeded."""
    if (payment.intent_id or payment.on_page) and plan_poll(
        payment, polling.first_poll_at()
    ):
        polling.send_on_commit(KIND, payment.pk)


def read(payment_pk: int) -> Payment:
    """Read a payment at the provider, with its refunds, and record what was done there.

    Safe to repeat, and to run several times at once. If the provider does not answer,
    the error is recorded with the payment and a later poll asks again.
    """
    payment = Payment.objects.select_related("order").get(pk=payment_pk)
    seen = payment.polls
    try:
        _find_on_page(payment)
        if not payment.intent_id:
            finish_poll(payment, seen, None)
            return payment
        intent = get_gateway().retrieve(payment.intent_id)
        listed = list(get_gateway().refunds_of(intent.id)) if intent.received else []
    except NotFound as error:
        # Asking again cannot help; the reconciliation reports such a payment.
        finish_poll(payment, seen, None)
        note_failure(payment, str(error))
    except PaymentError as error:
        logger.warning("%s could not be read: %s", payment.intent_id, error)
        note_failure(payment, str(error))
    else:
        try:
            _record_read(payment, seen, intent, listed)
        except IllegalMove:
            # Another process that reads it was first. What is left, the next poll does.
            logger.info("%s has moved on since it was read", payment.intent_id)
    payment.refresh_from_db()
    return payment


def _record_read(
    payment: Payment,
    seen: int,
    intent: Intent,
    listed: Iterable[ProviderRefund | UnreadableObject],
) -> None:
    unread = [one for one in listed if isinstance(one, UnreadableObject)]
    made = [one for one in listed if isinstance(one, ProviderRefund)]
    if unread:
        logger.warning("not all refunds of %s can be read", payment.intent_id)
        note_failure(payment, str(UnreadableAnswer(unread[0].why)))
        _record_readable(payment, intent, made)
    else:
        _record(payment, seen, intent, made)


def sweep_payments(now: datetime | None = None) -> int:
    """Read the payments that are due. Return how many those were."""
    return polling.sweep(KIND, read, now or database_clock.read())


def _find_on_page(payment: Payment) -> None:
    """Record the intent that was paid on the payment's page while its order stood."""
    row = page_of(payment) if payment.on_page and not payment.intent_id else None
    if row is None:
        return
    page = get_gateway().read_page(row.session_id)
    if page.status is PageStatus.COMPLETE:
        transitions.record_intent(payment, page.intent_id)


@transaction.atomic
def _record_readable(
    payment: Payment, intent: Intent, made: list[ProviderRefund]
) -> None:
    """Record what is sure although one refund cannot be read. It will be read again.

    Refunds that the shop did not make are left: without the whole list they cannot be
    told from the release of what was never charged.
    """
    _record_charge(payment, intent)
    _record_known(payment, made)


@transaction.atomic
def _record(
    payment: Payment, seen: int, intent: Intent, made: list[ProviderRefund]
) -> None:
    _record_charge(payment, intent)
    payment.refresh_from_db()
    _record_known(payment, made)
    open_ = [one for one in _given_back(intent, made) if not _is_ours(payment, one)]
    for found in open_:
        _record_refund(payment, found)
    if all(_is_recorded(found) for found in open_):
        finish_poll(payment, seen, None)


def _record_charge(payment: Payment, intent: Intent) -> None:
    """Record the end of a payment of a stopped order, whose saga reads nothing."""
    if payment.status not in (Payment.Status.PENDING, Payment.Status.AUTHORIZED):
        return
    number = payment.order.number
    if not _is_at_rest(number):
        return
    if intent.status is IntentStatus.SUCCEEDED:
        record_approved(payment, intent)
        transitions.capture(payment, intent.received, intent.charge_id)
        operations.pass_pivot(CHECKOUT, number)
    elif intent.status is IntentStatus.CANCELED:
        transitions.cancel_payment(payment)


def _record_known(payment: Payment, made: Iterable[ProviderRefund]) -> None:
    """Record news of refunds that are known here. One that failed makes room."""
    known = {row.refund_id: row for row in payment.refunds.not_failed()}
    for found in made:
        refund = known.get(found.id)
        if refund is not None:
            refunds.record(refund, refund.polls, found)


def _given_back(intent: Intent, made: list[ProviderRefund]) -> list[ProviderRefund]:
    """Return the refunds of what was charged.

    The release of what was approved and never charged is not among them, even if the
    provider lists it as a refund: then more is listed than it says was given back.
    """
    live = [one for one in made if one.status not in _NOT_MADE]
    surplus = sum(one.amount for one in live) - intent.refunded
    released = [one for one in live if one.amount == surplus and not one.name]
    return [one for one in live if one not in released[-1:]]


def _is_ours(payment: Payment, found: ProviderRefund) -> bool:
    """Return whether the shop made it; then its own row is settled by its own polls."""
    own = payment.refunds.filter(origin=Refund.Origin.SHOP)
    return found.name in {str(uid) for uid in own.values_list("uid", flat=True)}


def _record_refund(payment: Payment, found: ProviderRefund) -> None:
    is_made = found.status is RefundStatus.SUCCEEDED
    refund = record_found(payment, FoundAtProvider(found.id, found.amount, is_made))
    if refund is not None:
        now = database_clock.read()
        raise_notice(CHECKOUT_NAME, f"{notices.FOUND} {refund.pk}", now)


def _is_recorded(found: ProviderRefund) -> bool:
    return Refund.objects.filter(refund_id=found.id).exists()


def _is_at_rest(number: str) -> bool:
    """Return whether the order's main path has ended or stopped."""
    rows = Saga.objects.main_paths().filter(definition=CHECKOUT_NAME, reference=number)
    return not rows.filter(state__in=LIVE).exists()
