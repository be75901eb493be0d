"""The keys under which the payment provider is called."""

from collections.abc import Iterable

from checkout.status.names import AUTHORIZE, CAPTURE
from orders.models import Payment
from saga.models import Direction
from saga.step import Context

# A call without an answer is repeated once under its own key, which returns the first
# answer. The provider stores its own 500 under the key as well. So from the third try
# on, after the intent was read and is unchanged, each call has a new key.
_TRIES_UNDER_ONE_KEY = 2


def key_for(context: Context, payment: Payment, call: str) -> str:
    """Return the idempotency key of a call that the claimed step makes now."""
    saga = context.saga
    return key_of(payment.order.uid, call, saga.attempt, saga.fence)


def key_of(order_uid: object, call: str, tries: int, fence: int) -> str:
    """Return the idempotency key of a call, made in that try under that fence."""
    key = f"order:{order_uid}:{call}"
    return key if tries <= _TRIES_UNDER_ONE_KEY else f"{key}:{fence}"


def calls_of(
    step: str, direction: str, cards: Iterable[int], *, on_page: bool = False
) -> list[str]:
    """Return the calls with a key that a step may make.

    ``cards`` are the numbers of the order's payment attempts. ``on_page``: it is paid
    on the provider's page.
    """
    if direction == Direction.UNDO:
        calls = ["close_page", "cancel"] if on_page else ["cancel"]
        return calls if step == AUTHORIZE else []
    if step == AUTHORIZE:
        return (
            ["page"]
            if on_page
            else ["create", *(f"confirm:{number}" for number in cards)]
        )
    return ["capture"] if step == CAPTURE else []
