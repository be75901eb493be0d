"""Step 2, external: have the bank set the amount aside. Undone, it voids the intent.

Each call first reads where the intent stands whenever an earlier try may have had an
effect; no decision rests on the shop's own memory of a call. The step may wait for
3-D Secure, for another card, for cash at a store or for the shipment.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from checkout.flow.claimed_order import payment_of
from checkout.flow.deadlines import check_time_left, payment_deadline
from checkout.flow.delayed_payment import (
    lasts_for_days,
    wait_for_shipment,
    wait_for_store,
    waits_for_shipment,
)
from checkout.flow.idempotency_keys import key_for
from checkout.flow.payment_proofs import check_amount, read_payment
from checkout.flow.policies import LEASE, PAYMENT_LINK, RETRY
from checkout.flow.provider_errors import as_saga_errors, intent_after
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.gateway import Intent, IntentStatus, get_gateway
from checkout.status.names import (
    AUTHORIZE,
    CAPTURE,
    STRIPE,
    WAIT_FOR_CARD,
    WAIT_FOR_CHALLENGE,
)
from orders import transitions
from orders.models import Order, Payment, PaymentAttempt
from saga.errors import Abort, ManualIntervention, ResumeForward, Retry, Unproven
from saga.models import Saga
from saga.results import PivotPassed, Wait
from saga.step import Context, Kind, Step

_CONFIRMABLE = (IntentStatus.NEEDS_CARD, IntentStatus.NEEDS_CONFIRMATION)
# A customer who answers the bank or enters another card meanwhile needs no mail.
_REMINDED_AFTER = timedelta(minutes=2)
# How far the provider's clock may run behind ours.
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class NewIntent:
    """An intent that was created for ``payment``, and whose id is to be stored."""

    payment: Payment
    intent: Intent


@dataclass(frozen=True)
class Tried:
    """The state of the intent, and the customer's card that it is about.

    While a card is tried, the customer may already have sent the next one.
    """

    intent: Intent
    attempt: int = 0


def begin(context: Context) -> NewIntent | None:
    """Create the intent, unless there is one; it charges nobody as it is.

    Called before the claim. Created twice, under the same key, it is the same one.
    """
    payment = payment_of(context)
    if payment.intent_id:
        return None
    with as_saga_errors():
        return NewIntent(payment, _create(context, payment))


def prepare(context: Context) -> None:
    """Store the new intent's id with the claim, before anybody confirms the intent."""
    if context.begun:
        transitions.record_intent(context.begun.payment, context.begun.intent.id)


def authorize(context: Context) -> Tried:
    """Have the bank set the amount aside. Raises Abort after the last card."""
    payment = payment_of(context)
    attempt = payment.attempts.latest("number")
    with as_saga_errors(patient=lasts_for_days(payment, attempt)):
        intent = _intent_of(context, payment)
        if attempt.outcome == PaymentAttempt.Outcome.OPEN:
            intent = _confirm(context, payment, attempt, intent)
    _abort_after_last_card(context, attempt, intent)
    return Tried(intent, attempt.number)


def _intent_of(context: Context, payment: Payment) -> Intent:
    """Return the payment's intent as it is now; a new one is stored first."""
    if context.begun:
        begun: Intent = context.begun.intent
        return begun
    if payment.intent_id:
        return get_gateway().retrieve(payment.intent_id)
    intent = _find(context, payment) or _create(context, payment)
    with context.checkpoint():
        transitions.record_intent(payment, intent.id)
    return intent


def _find(context: Context, payment: Payment) -> Intent | None:
    """Return the intent that an earlier try without an answer may have created."""
    if context.saga.attempt == 1:
        return None
    uid = str(payment.order.uid)
    created = get_gateway().created_since(payment.order.placed_at - _CLOCK_SKEW)
    return next((intent for intent in created if intent.order == uid), None)


def _create(context: Context, payment: Payment) -> Intent:
    key = key_for(context, payment, "create")
    return get_gateway().create(
        str(payment.order.uid), payment.amount_minor, payment.currency, key
    )


def _confirm(
    context: Context, payment: Payment, attempt: PaymentAttempt, intent: Intent
) -> Intent:
    """Have the attempt's card tried, unless the intent is beyond that."""
    abandoned = intent.status is IntentStatus.NEEDS_CUSTOMER and attempt.number > 1
    if intent.status not in _CONFIRMABLE and not abandoned:
        return intent
    url = settings.SITE_URL + reverse("checkout:order_return", args=[payment.order.uid])
    key = key_for(context, payment, f"confirm:{attempt.number}")
    return intent_after(
        intent.id, lambda: get_gateway().confirm(intent.id, attempt.token, url, key)
    )


def _abort_after_last_card(
    context: Context, attempt: PaymentAttempt, intent: Intent
) -> None:
    """Raise Abort when no further card may follow the one that was declined."""
    is_card = attempt.outcome != PaymentAttempt.Outcome.VOUCHER
    is_declined = is_card and intent.status is IntentStatus.NEEDS_CARD
    if not is_declined or attempt.number < settings.CARD_TRIES:
        return
    with context.checkpoint():
        transitions.decline_attempt(attempt, intent.decline_code)
    message = f"none of {attempt.number} cards was accepted"
    raise Abort(message, Order.CancelReason.CARDS_REFUSED)


def record(context: Context, tried: Tried) -> Wait | PivotPassed | dict[str, Any]:
    """Record what the bank said, or wait for the customer."""
    payment = payment_of(context)
    intent = tried.intent
    if intent.status in (IntentStatus.CAPTURABLE, IntentStatus.SUCCEEDED):
        return _record_approval(context, payment, intent)
    if intent.status is IntentStatus.PROCESSING:
        message = "the bank is still working on the payment"
        raise Retry(message)
    return _wait_for_customer(context, payment, tried)


def _record_approval(
    context: Context, payment: Payment, intent: Intent
) -> Wait | PivotPassed | dict[str, Any]:
    """Record that the bank, or the store, has the amount for us."""
    is_charged = intent.status is IntentStatus.SUCCEEDED
    amount = intent.received if is_charged else intent.amount
    if amount != payment.amount_minor:
        # Before the charge, while it costs nothing to stop; or else too late.
        done = "charged" if is_charged else "set aside"
        message = f"{amount} was {done}, not {payment.amount_minor}"
        raise ManualIntervention(message)
    transitions.authorize(
        payment,
        charge_id=intent.charge_id,
        brand=intent.card_brand,
        last4=intent.card_last4,
        capture_before=intent.capture_before,
        method=intent.method,
    )
    output = {"intent": intent.id, "charge": intent.charge_id}
    if is_charged:
        # Paid at a store: it needs no capture, and nothing may undo it.
        transitions.capture(payment, intent.received, intent.charge_id)
        return PivotPassed(output)
    if waits_for_shipment(payment):
        return wait_for_shipment(context, payment)
    return output


def _wait_for_customer(context: Context, payment: Payment, tried: Tried) -> Wait:
    """Return a Wait for the customer's answer. Raises Abort when it is too late."""
    intent = tried.intent
    if intent.status is IntentStatus.CANCELED:
        raise _voided(payment)
    attempt = payment.attempts.get(number=tried.attempt)
    deadline = payment_deadline(context, payment)
    had_voucher = attempt.outcome == PaymentAttempt.Outcome.VOUCHER
    if timezone.now() >= deadline or (had_voucher and intent.voucher is None):
        message = "no payment was completed in time"
        raise Abort(message, Order.CancelReason.NOT_PAID)
    if intent.voucher:
        return wait_for_store(context, attempt, intent.voucher)
    outbox.queue(payment.order, MailKind.PAYMENT_NEEDED, after=_REMINDED_AFTER)
    if intent.status is IntentStatus.NEEDS_CUSTOMER:
        transitions.challenge_attempt(attempt)
        return Wait(deadline, WAIT_FOR_CHALLENGE)
    transitions.decline_attempt(attempt, intent.decline_code)
    return Wait(deadline, WAIT_FOR_CARD)


def _voided(payment: Payment) -> Abort:
    """Return the error that ends an order whose payment was voided at the provider."""
    message = "the payment was voided at the provider"
    if payment.status == Payment.Status.AUTHORIZED:
        return Abort(message, Order.CancelReason.LAPSED)
    return Abort(message, Order.CancelReason.NOT_PAID)


def cancel(context: Context) -> Intent | None:
    """Undo: void the intent, before any stock is released.

    Raises ResumeForward when the payment was charged meanwhile.
    """
    payment = payment_of(context)
    if payment.intent_id is None:
        # Never confirmed: without a stored id no confirm was ever sent.
        return None
    with as_saga_errors():
        if context.saga.attempt > 1:
            intent = get_gateway().retrieve(payment.intent_id)
            if intent.status in (IntentStatus.CANCELED, IntentStatus.SUCCEEDED):
                return _check_canceled(intent)
        key = key_for(context, payment, "cancel")
        intent_id = payment.intent_id
        return _check_canceled(
            intent_after(intent_id, lambda: get_gateway().cancel(intent_id, key))
        )


def _check_canceled(intent: Intent) -> Intent:
    if intent.status is IntentStatus.SUCCEEDED:
        message = "the payment had already been charged: the order goes on"
        raise ResumeForward(message, CAPTURE)
    if intent.status is not IntentStatus.CANCELED:
        message = f"the payment cannot be voided yet: it is {intent.status.value}"
        raise Retry(message, answered=True)
    return intent


def record_cancel(context: Context, _intent: Intent | None) -> None:
    transitions.cancel_payment(payment_of(context))


def has_intent(saga: Saga) -> bool:
    """Return whether there is anything to void at the provider."""
    rows = Payment.objects.filter(order__number=saga.reference)
    return rows.filter(intent_id__isnull=False).exists()


def prove(context: Context) -> Tried:
    """Return the intent if the whole amount is set aside or charged.

    Raises Unproven.
    """
    payment, intent = read_payment(context)
    if intent.status is IntentStatus.SUCCEEDED:
        check_amount(payment, intent.received, intent.currency, "was charged")
    elif intent.status is IntentStatus.CAPTURABLE:
        check_amount(payment, intent.amount, intent.currency, "is set aside")
    else:
        message = f"at the provider the payment is {intent.status.value}"
        raise Unproven(message)
    return Tried(intent)


STEP = Step(
    AUTHORIZE,
    link=PAYMENT_LINK,
    kind=Kind.EXTERNAL,
    dependency=STRIPE,
    may_wait=check_time_left,
    undo_calls=has_intent,
    begin=begin,
    prepare=prepare,
    do=authorize,
    record=record,
    prove=prove,
    undo=cancel,
    record_undo=record_cancel,
    retry=RETRY,
    lease=LEASE,
)
