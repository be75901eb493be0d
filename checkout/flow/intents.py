"""Creating an order's intent, and the keys under which the provider is called."""

from dataclasses import dataclass
from datetime import timedelta

from checkout.flow.reading import payment_of
from checkout.payments.answers import translated
from checkout.payments.gateway import Intent, get_gateway
from orders import transitions
from orders.models import Payment
from saga.step import Context

# A call that got no answer is repeated once under its own key, which brings the first
# answer back. The provider stores its own 500 under the key, too, so from the third
# try on, the intent having been read as untouched, a new key is the only way out.
_TRIES_UNDER_ONE_KEY = 2
# How far the provider's clock may run behind ours.
_CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True)
class Begun:
    """An intent that was created, and the payment it is for: its id is to be stored."""

    payment: Payment
    intent: Intent


def create_intent(context: Context) -> Begun | None:
    """Create the intent, unless there is one; nobody is charged by it as it is.

    Called before the claim. Created twice, under the same key, it is the same one.
    """
    payment = payment_of(context)
    if payment.intent_id:
        return None
    with translated():
        return Begun(payment, _created(context, payment))


def store_intent(context: Context) -> None:
    """Write the new intent's id down, with the claim: before anybody confirms it."""
    if context.begun:
        transitions.record_intent(context.begun.payment, context.begun.intent.id)


def intent_of(context: Context, payment: Payment) -> Intent:
    """Return the payment's intent as it is now; one that is new is stored first."""
    if context.begun:
        begun: Intent = context.begun.intent
        return begun
    if payment.intent_id:
        return get_gateway().retrieve(payment.intent_id)
    intent = _found_or_created(context, payment)
    with context.checkpoint():
        transitions.record_intent(payment, intent.id)
    return intent


def _found_or_created(context: Context, payment: Payment) -> Intent:
    """Create the intent; after a try without an answer, look for it first."""
    uid = str(payment.order.uid)
    if context.saga.attempt > 1:
        for intent in get_gateway().created_since(payment.order.placed_at - _CLOCKS):
            if intent.order == uid:
                return intent
    return _created(context, payment)


def _created(context: Context, payment: Payment) -> Intent:
    key = key_for(context, payment, "create")
    return get_gateway().create(
        str(payment.order.uid), payment.amount_minor, payment.currency, key
    )


def key_of(order_uid: object, call: str, tries: int, fence: int) -> str:
    """Return the idempotency key of a call, made in that try under that fence."""
    key = f"order:{order_uid}:{call}"
    return key if tries <= _TRIES_UNDER_ONE_KEY else f"{key}:{fence}"


def key_for(context: Context, payment: Payment, call: str) -> str:
    saga = context.saga
    return key_of(payment.order.uid, call, saga.attempt, saga.fence)
