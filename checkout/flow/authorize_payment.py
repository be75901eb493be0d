"""Step 2, external: have the bank set the amount aside. Undone, it voids the intent.

Each call first reads where the intent stands whenever an earlier try may have had an
effect; no decision rests on the shop's own memory of a call. The step may wait for
3-D Secure, another card, a payment on the provider's page or at a store, the shipment.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from checkout.card_testing.turns import PAUSE, Turn, turn_of
from checkout.flow.claimed_order import payment_of
from checkout.flow.customer_wait import wait_for_customer
from checkout.flow.deadlines import check_time_left
from checkout.flow.delayed_payment import (
    lasts_for_days,
    wait_for_shipment,
    waits_for_shipment,
)
from checkout.flow.idempotency_keys import key_for
from checkout.flow.payment_page import close, visit, wait_on_page
from checkout.flow.payment_proofs import check_amount, read_payment
from checkout.flow.payment_records import has_intent, record_approved
from checkout.flow.policies import LEASE, PAYMENT_LINK, RETRY
from checkout.flow.provider_errors import as_saga_errors, intent_after
from checkout.flow.wish_to_cancel import return_wish_to_staff
from checkout.payments.declines import TOO_MANY_CARDS
from checkout.payments.gateway import Intent, IntentStatus, get_gateway
from checkout.payments.payment_pages import ProviderPage
from checkout.status.names import (
    AUTHORIZE,
    CAPTURE,
    STRIPE,
    WAIT_FOR_TURN,
)
from orders import transitions
from orders.models import Order, Payment, PaymentAttempt
from saga.errors import Abort, ManualIntervention, ResumeForward, Retry, Unproven
from saga.results import PivotPassed, Sleep, Wait
from saga.step import Context, Kind, Step
from shop import database_clock

_CONFIRMABLE = (IntentStatus.NEEDS_CARD, IntentStatus.NEEDS_CONFIRMATION)
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
    if payment.intent_id or payment.on_page:
        return None
    with as_saga_errors():
        return NewIntent(payment, _create(context, payment))


def prepare(context: Context) -> None:
    """Store the new intent's id with the claim, before anybody confirms the intent."""
    if context.begun:
        transitions.record_intent(context.begun.payment, context.begun.intent.id)


def authorize(context: Context) -> Tried | Sleep | ProviderPage:
    """Have the bank set the amount aside, when it is this card's turn.

    Raises Abort after the last card.
    """
    payment = payment_of(context)
    if payment.on_page and not payment.intent_id:
        with as_saga_errors():
            found = visit(context, payment)
        return Tried(found) if isinstance(found, Intent) else found
    attempt = payment.attempts.latest("number")
    is_open = attempt.outcome == PaymentAttempt.Outcome.OPEN
    turn = turn_of(attempt) if is_open else Turn.NOW
    # On a later try the card may be with the bank already: then it is asked about it.
    if turn is Turn.LATER and context.saga.attempt == 1:
        check_time_left(context)
        return Sleep(database_clock.read() + PAUSE, WAIT_FOR_TURN)
    with as_saga_errors(patient=lasts_for_days(payment, attempt)):
        intent = _intent_of(context, payment)
        if is_open:
            intent = _confirm(context, payment, attempt, intent, turn)
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
    """Return the intent that an earlier try without an answer may have created.

    One that cannot be read may be it. As its id was never stored, nobody can have
    confirmed it, and a second one charges nobody twice.
    """
    if context.saga.attempt == 1:
        return None
    uid = str(payment.order.uid)
    created = get_gateway().created_since(payment.order.placed_at - _CLOCK_SKEW)
    return next(
        (one for one in created if isinstance(one, Intent) and one.order == uid), None
    )


def _create(context: Context, payment: Payment) -> Intent:
    order, key = payment.order, key_for(context, payment, "create")
    return get_gateway().create(
        str(order.uid), payment.amount_minor, payment.currency, key, order.country
    )


def _confirm(
    context: Context,
    payment: Payment,
    attempt: PaymentAttempt,
    intent: Intent,
    turn: Turn,
) -> Intent:
    """Have the attempt's card tried, unless the intent is beyond that.

    Too many cards from its address were declined while it waited: it is not tried.
    """
    abandoned = intent.status is IntentStatus.NEEDS_CUSTOMER and attempt.number > 1
    if intent.status not in _CONFIRMABLE and not abandoned:
        return intent
    if turn is Turn.REFUSED:
        return replace(intent, decline_code=TOO_MANY_CARDS)
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


def record(
    context: Context, tried: Tried | Sleep | ProviderPage
) -> Wait | PivotPassed | dict[str, Any]:
    """Record what the bank said, or wait for the customer or the card's turn."""
    if isinstance(tried, Sleep):
        return tried
    payment = payment_of(context)
    if isinstance(tried, ProviderPage):
        return wait_on_page(context, payment, tried)
    intent = tried.intent
    if payment.intent_id is None:
        transitions.record_intent(payment, intent.id)
    if intent.status in (IntentStatus.CAPTURABLE, IntentStatus.SUCCEEDED):
        return _record_approval(context, payment, intent)
    if intent.status is IntentStatus.PROCESSING:
        message = "the bank is still working on the payment"
        raise Retry(message)
    if payment.on_page and intent.status is not IntentStatus.CANCELED:
        message = f"the payment page is complete, and its payment {intent.status.value}"
        raise Abort(message, Order.CancelReason.NOT_PAID)
    return wait_for_customer(context, payment, intent, tried.attempt)


def _record_approval(
    context: Context, payment: Payment, intent: Intent
) -> Wait | PivotPassed | dict[str, Any]:
    """Record that the bank, or the store, has the amount for us."""
    is_charged = intent.status is IntentStatus.SUCCEEDED
    if not is_charged and intent.amount != payment.amount_minor:
        # Before the charge, while it costs nothing to stop. The next step decides
        # about another amount that was charged already.
        message = f"{intent.amount} was set aside, not {payment.amount_minor}"
        raise ManualIntervention(message)
    if payment.status != Payment.Status.CAPTURED:
        record_approved(payment, intent)
    output = {"intent": intent.id, "charge": intent.charge_id}
    if is_charged:
        # Paid at a store, or charged by staff at the provider: nothing may undo it.
        transitions.capture(payment, intent.received, intent.charge_id)
        return PivotPassed(output)
    if waits_for_shipment(payment):
        return wait_for_shipment(context, payment)
    return output


def cancel(context: Context) -> Intent | None:
    """Undo: void the intent, before any stock is released.

    Raises ResumeForward when the payment was charged meanwhile.
    """
    payment = payment_of(context)
    with as_saga_errors():
        if payment.on_page and payment.intent_id is None:
            close(context, payment)
        intent_id = payment.intent_id
        if intent_id is None:
            # Never confirmed: without a stored id no confirm was ever sent.
            return None
        if context.saga.attempt > 1:
            intent = get_gateway().retrieve(intent_id)
            if intent.status in (IntentStatus.CANCELED, IntentStatus.SUCCEEDED):
                return _check_canceled(context, intent)
        key = key_for(context, payment, "cancel")
        return _check_canceled(
            context,
            intent_after(intent_id, lambda: get_gateway().cancel(intent_id, key)),
        )


def _check_canceled(context: Context, intent: Intent) -> Intent:
    if intent.status is IntentStatus.SUCCEEDED:
        return_wish_to_staff(context, payment_of(context).order)
        message = "the payment had already been charged: the order goes on"
        raise ResumeForward(message, CAPTURE)
    if intent.status is not IntentStatus.CANCELED:
        message = f"the payment cannot be voided yet: it is {intent.status.value}"
        raise Retry(message, answered=True)
    return intent


def record_cancel(context: Context, _intent: Intent | None) -> None:
    transitions.cancel_payment(payment_of(context))


def prove(context: Context) -> Tried:
    """Return the intent if the whole amount is set aside, or any was charged.

    Raises Unproven.
    """
    payment, intent = read_payment(context)
    if intent.status is IntentStatus.CAPTURABLE:
        check_amount(payment, intent.amount, intent.currency, "is set aside")
    elif intent.status is not IntentStatus.SUCCEEDED:
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
