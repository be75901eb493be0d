"""The saga's two payment steps and their undo: decide by what the provider says.

Each first asks where the intent stands whenever an earlier try may have had an
effect; no decision rests on the shop's own memory of a call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from checkout.flow.delayed_payment import (
    lasts_for_days,
    payment_deadline,
    voided,
    wait_for_shipment,
    wait_for_store,
    waits_for_shipment,
)
from checkout.flow.intents import intent_of, key_for
from checkout.flow.reading import payment_of
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.answers import accepting_state, translated
from checkout.payments.gateway import Intent, IntentStatus, get_gateway
from checkout.status.names import AUTHORIZE, WAIT_FOR_CARD, WAIT_FOR_CHALLENGE
from orders import transitions
from orders.models import Order, Payment, PaymentAttempt
from saga.errors import Abort, ManualIntervention, OutcomeUnknown, ResumeForward, Retry
from saga.models import Direction, Saga
from saga.results import PivotPassed, Wait
from saga.step import Context

_CONFIRMABLE = (IntentStatus.NEEDS_CARD, IntentStatus.NEEDS_CONFIRMATION)
# Who answers the bank or enters another card meanwhile needs no mail about it.
_REMINDED_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class Tried:
    """Where the intent stands, and which of the customer's cards that is about.

    While a card is tried, the customer may already have sent the next one.
    """

    intent: Intent
    attempt: int = 0


def authorize(context: Context) -> Tried:
    """Have the bank set the amount aside."""
    payment = payment_of(context)
    attempt = payment.attempts.latest("number")
    with translated(patient=lasts_for_days(payment, attempt)):
        intent = intent_of(context, payment)
        if attempt.outcome == PaymentAttempt.Outcome.OPEN:
            intent = _confirmed(context, payment, attempt, intent)
    _end_after_the_last(context, attempt, intent)
    return Tried(intent, attempt.number)


def _confirmed(
    context: Context, payment: Payment, attempt: PaymentAttempt, intent: Intent
) -> Intent:
    """Have the attempt's card tried, unless the intent is beyond that."""
    abandoned = intent.status is IntentStatus.NEEDS_CUSTOMER and attempt.number > 1
    if intent.status not in _CONFIRMABLE and not abandoned:
        return intent
    url = settings.SITE_URL + reverse("checkout:order_return", args=[payment.order.uid])
    key = key_for(context, payment, f"confirm:{attempt.number}")
    return accepting_state(
        intent.id, lambda: get_gateway().confirm(intent.id, attempt.token, url, key)
    )


def _end_after_the_last(
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


def record_authorization(
    context: Context, tried: Tried
) -> Wait | PivotPassed | dict[str, Any]:
    payment = payment_of(context)
    intent = tried.intent
    if intent.status in (IntentStatus.CAPTURABLE, IntentStatus.SUCCEEDED):
        return _authorized(context, payment, intent)
    if intent.status is IntentStatus.PROCESSING:
        message = "the bank is still working on the payment"
        raise Retry(message)
    return _wait_for_customer(context, payment, tried)


def capture(context: Context) -> Intent:
    """Take the money that was set aside. From this call on there is no way back."""
    payment = payment_of(context)
    is_paid = payment.status == Payment.Status.CAPTURED
    with translated():
        intent_id = payment.intent_id or ""
        if context.saga.attempt > 1 or is_paid:
            intent = get_gateway().retrieve(intent_id)
            if intent.status is not IntentStatus.CAPTURABLE:
                return intent
        key = key_for(context, payment, "capture")
        return accepting_state(intent_id, lambda: get_gateway().capture(intent_id, key))


def record_capture(context: Context, intent: Intent) -> dict[str, Any]:
    payment = payment_of(context)
    if intent.status is IntentStatus.SUCCEEDED:
        if intent.received != payment.amount_minor:
            message = f"{intent.received} was charged instead of {payment.amount_minor}"
            raise ManualIntervention(message)
        transitions.capture(payment, intent.received, intent.charge_id)
        return {"intent": intent.id, "charged": intent.received} | _request(intent)
    if intent.status in (IntentStatus.CANCELED, IntentStatus.NEEDS_CARD):
        message = f"nothing was charged: the payment is {intent.status.value}"
        raise Abort(message, Order.CancelReason.NOT_PAID, nothing_taken=True)
    message = f"the charge is not decided yet: the payment is {intent.status.value}"
    raise OutcomeUnknown(message)


def cancel_intent(context: Context) -> Intent | None:
    """Void the intent before any stock is returned; or find that it was charged."""
    payment = payment_of(context)
    if payment.intent_id is None:
        # Never confirmed: without a stored id no confirm was ever sent.
        return None
    with translated():
        if context.saga.attempt > 1:
            intent = get_gateway().retrieve(payment.intent_id)
            if intent.status in (IntentStatus.CANCELED, IntentStatus.SUCCEEDED):
                return _canceled(intent)
        key = key_for(context, payment, "cancel")
        intent_id = payment.intent_id
        return _canceled(
            accepting_state(intent_id, lambda: get_gateway().cancel(intent_id, key))
        )


def record_cancellation(context: Context, _intent: Intent | None) -> None:
    transitions.cancel_payment(payment_of(context))


def check_time_left(context: Context) -> None:
    """Raise Abort when the goods are no longer set aside for a payment."""
    if timezone.now() >= payment_deadline(payment_of(context), hold_deadline(context)):
        message = "the payment provider did not answer in time"
        raise Abort(message, Order.CancelReason.NOT_PAID)


def has_intent(saga: Saga) -> bool:
    """Whether there is anything to void at the provider."""
    rows = Payment.objects.filter(order__number=saga.reference)
    return rows.filter(intent_id__isnull=False).exists()


def hold_deadline(context: Context) -> datetime:
    """Return until when the customer may still pay, where that is done at once."""
    return datetime.fromisoformat(context.output("reserve_stock")["hold_until"])


def _canceled(intent: Intent) -> Intent:
    if intent.status is IntentStatus.SUCCEEDED:
        message = "the payment had already been charged: the order goes on"
        raise ResumeForward(message, "capture_payment")
    if intent.status is not IntentStatus.CANCELED:
        message = f"the payment cannot be voided yet: it is {intent.status.value}"
        raise Retry(message, answered=True)
    return intent


def _authorized(
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
        # Paid at a store: nobody has to capture that, and nothing may undo it.
        transitions.capture(payment, intent.received, intent.charge_id)
        return PivotPassed(output)
    if waits_for_shipment(payment):
        return wait_for_shipment(context, payment)
    return output


def _wait_for_customer(context: Context, payment: Payment, tried: Tried) -> Wait:
    intent = tried.intent
    if intent.status is IntentStatus.CANCELED:
        raise voided(payment)
    attempt = payment.attempts.get(number=tried.attempt)
    deadline = payment_deadline(payment, hold_deadline(context))
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


def _request(intent: Intent) -> dict[str, str]:
    return {"request": intent.request_id} if intent.request_id else {}


def calls_of(step: str, direction: str, cards: Iterable[int]) -> list[str]:
    """Return the calls with a key that a step may make, of cards of these numbers."""
    if direction == Direction.UNDO:
        return ["cancel"] if step == AUTHORIZE else []
    if step == AUTHORIZE:
        return ["create", *(f"confirm:{number}" for number in cards)]
    return ["capture"] if step == "capture_payment" else []
