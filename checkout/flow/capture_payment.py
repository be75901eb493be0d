"""Step 3, external: take the money that was set aside. The pivot, without an undo.

Staff may have charged it on the provider's own pages, also in part. Whatever was
charged is recorded; a person decides about another amount than the order's.
"""

from typing import Any

from checkout.flow.claimed_order import payment_of
from checkout.flow.deadlines import check_time_left
from checkout.flow.errors import OtherAmount
from checkout.flow.holds import pin
from checkout.flow.idempotency_keys import key_for
from checkout.flow.payment_proofs import read_payment
from checkout.flow.policies import LEASE, PAYMENT_LINK, RETRY
from checkout.flow.provider_errors import as_saga_errors, intent_after
from checkout.payments.gateway import Intent, IntentStatus, get_gateway
from checkout.status.names import CAPTURE, STRIPE
from orders import transitions
from orders.models import Order, Payment
from orders.transitions.polling import plan_poll
from saga.errors import Abort, OutcomeUnknown, Unproven
from saga.step import Context, Kind, Step
from shop import database_clock
from shop.money import Money


def capture(context: Context) -> Intent:
    """Charge the amount that is set aside. This call passes the pivot.

    Where an earlier try may have charged it, the intent is read first.
    """
    payment = payment_of(context)
    with as_saga_errors():
        intent = _charge(context, payment, may_be_done=context.saga.attempt > 1)
    _stop_at_other_amount(context, payment, intent)
    return intent


def _charge(context: Context, payment: Payment, *, may_be_done: bool) -> Intent:
    intent_id = payment.intent_id or ""
    if may_be_done or payment.status == Payment.Status.CAPTURED:
        intent = get_gateway().retrieve(intent_id)
        if intent.status is not IntentStatus.CAPTURABLE:
            return intent
    key = key_for(context, payment, "capture")
    return intent_after(intent_id, lambda: get_gateway().capture(intent_id, key))


def _stop_at_other_amount(context: Context, payment: Payment, intent: Intent) -> None:
    """Raise OtherAmount if not the order's amount was charged, and is still there.

    The charge is recorded before. A charge that was refunded as a whole needs no
    decision: its goods are not sent.
    """
    is_charged = intent.status is IntentStatus.SUCCEEDED
    if not is_charged or intent.received == payment.amount_minor:
        return
    with context.checkpoint():
        transitions.capture(payment, intent.received, intent.charge_id)
        _plan_refunds(payment, intent)
    if intent.refunded < intent.received:
        raise OtherAmount(Money(intent.received, payment.currency), payment.amount)


def _plan_refunds(payment: Payment, intent: Intent) -> None:
    """Have the sweeper read refunds that were made at the provider meanwhile."""
    if intent.refunded > payment.refunded_minor:
        plan_poll(payment, database_clock.read())


def record(context: Context, intent: Intent) -> dict[str, Any]:
    """Record the charge. Raises an error of the saga if nothing was charged."""
    payment = payment_of(context)
    if intent.status is IntentStatus.SUCCEEDED:
        transitions.capture(payment, intent.received, intent.charge_id)
        _plan_refunds(payment, intent)
        request = {"request": intent.request_id} if intent.request_id else {}
        return {"intent": intent.id, "charged": intent.received} | request
    if intent.status in (IntentStatus.CANCELED, IntentStatus.NEEDS_CARD):
        message = f"nothing was charged: the payment is {intent.status.value}"
        raise Abort(message, Order.CancelReason.NOT_PAID, nothing_taken=True)
    message = f"the charge is not decided yet: the payment is {intent.status.value}"
    raise OutcomeUnknown(message)


def prove(context: Context) -> Intent:
    """Return the intent if it was charged. Raises Unproven.

    Any amount will do: by marking the step as done, staff accept what was charged.
    """
    _payment, intent = read_payment(context)
    if intent.status is not IntentStatus.SUCCEEDED:
        message = f"at the provider the payment is {intent.status.value}"
        raise Unproven(message)
    return intent


STEP = Step(
    CAPTURE,
    link=PAYMENT_LINK,
    kind=Kind.EXTERNAL,
    dependency=STRIPE,
    may_wait=check_time_left,
    prepare=pin,
    do=capture,
    record=record,
    prove=prove,
    pivot=True,
    retry=RETRY,
    lease=LEASE,
)
