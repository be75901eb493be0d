"""Step 3, external: take the money that was set aside. The pivot, without an undo."""

from typing import Any

from checkout.flow.claimed_order import payment_of
from checkout.flow.deadlines import check_time_left
from checkout.flow.holds import pin
from checkout.flow.idempotency_keys import key_for
from checkout.flow.payment_proofs import check_amount, read_payment
from checkout.flow.policies import LEASE, PAYMENT_LINK, RETRY
from checkout.flow.provider_errors import as_saga_errors, intent_after
from checkout.payments.gateway import Intent, IntentStatus, get_gateway
from checkout.status.names import CAPTURE, STRIPE
from orders import transitions
from orders.models import Order, Payment
from saga.errors import Abort, ManualIntervention, OutcomeUnknown, Unproven
from saga.step import Context, Kind, Step


def capture(context: Context) -> Intent:
    """Charge the amount that is set aside. This call passes the pivot.

    Where an earlier try may have charged it, the intent is read first.
    """
    payment = payment_of(context)
    is_paid = payment.status == Payment.Status.CAPTURED
    with as_saga_errors():
        intent_id = payment.intent_id or ""
        if context.saga.attempt > 1 or is_paid:
            intent = get_gateway().retrieve(intent_id)
            if intent.status is not IntentStatus.CAPTURABLE:
                return intent
        key = key_for(context, payment, "capture")
        return intent_after(intent_id, lambda: get_gateway().capture(intent_id, key))


def record(context: Context, intent: Intent) -> dict[str, Any]:
    """Record the charge. Raises an error of the saga if another amount was charged."""
    payment = payment_of(context)
    if intent.status is IntentStatus.SUCCEEDED:
        if intent.received != payment.amount_minor:
            message = f"{intent.received} was charged instead of {payment.amount_minor}"
            raise ManualIntervention(message)
        transitions.capture(payment, intent.received, intent.charge_id)
        request = {"request": intent.request_id} if intent.request_id else {}
        return {"intent": intent.id, "charged": intent.received} | request
    if intent.status in (IntentStatus.CANCELED, IntentStatus.NEEDS_CARD):
        message = f"nothing was charged: the payment is {intent.status.value}"
        raise Abort(message, Order.CancelReason.NOT_PAID, nothing_taken=True)
    message = f"the charge is not decided yet: the payment is {intent.status.value}"
    raise OutcomeUnknown(message)


def prove(context: Context) -> Intent:
    """Return the intent if exactly the order's amount was charged. Raises Unproven."""
    payment, intent = read_payment(context)
    if intent.status is not IntentStatus.SUCCEEDED:
        message = f"at the provider the payment is {intent.status.value}"
        raise Unproven(message)
    check_amount(payment, intent.received, intent.currency, "was charged")
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
