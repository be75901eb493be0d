"""Actions of the customer while the order is processed."""

import logging

from django.conf import settings
from django.core.cache import cache, caches
from django.db import transaction

from checkout.card_testing.errors import TooManyCards
from checkout.card_testing.services import admit, record_refusal
from checkout.flow.definition import CHECKOUT
from checkout.flow.holds import hold_again
from checkout.payments.gateway import PaymentError, get_gateway
from checkout.status.names import AUTHORIZE, WAIT_FOR_CHALLENGE
from checkout.status.sagas import saga_of
from checkout.tracking.errors import CardNotNeeded, GoodsGone
from inventory.errors import OutOfStock
from orders import transitions
from orders.errors import IllegalMove
from orders.models import (
    Order,
    Payment,
    PaymentAttempt,
)
from saga import operations
from saga.models import Direction, Saga

logger = logging.getLogger(__name__)

LOOK_EVERY = 3  # seconds
SECRET_KEPT = 60  # seconds; the provider does not change it
NO_SECRET_KEPT = 3  # seconds, while the provider does not answer

_ANOTHER_CARD_MAY_FOLLOW = (
    PaymentAttempt.Outcome.DECLINED,
    PaymentAttempt.Outcome.CHALLENGE,
)


def try_another_card(order: Order, token: str, client: str = "") -> None:
    """Let the saga try the customer's next card.

    The card is accepted while the saga reads the intent again after a report of the
    provider, and tried after that. It is also accepted while the bank still asks about
    the card before, which is then abandoned. Goods that are no longer set aside are set
    aside again. Raises CardNotNeeded, TooManyCards, GoodsGone.
    """
    try:
        _try_another_card(order, token, client)
    except TooManyCards as error:
        record_refusal(error)
        raise


@transaction.atomic
def _try_another_card(order: Order, token: str, client: str) -> None:
    # First, because it locks the saga's row: what is read next stays true.
    operations.wake(CHECKOUT, order.number)
    asking = (
        Saga.objects.live()
        .filter(
            definition=CHECKOUT.name,
            reference=order.number,
            step=AUTHORIZE,
            direction=Direction.DO,
        )
        .first()
    )
    last = order.payment.attempts.latest("number")
    may_follow = last.outcome in _ANOTHER_CARD_MAY_FOLLOW
    if asking is None or not may_follow or last.number >= settings.CARD_TRIES:
        raise CardNotNeeded(order)
    try:
        hold_again(asking)
    except OutOfStock as error:
        raise GoodsGone(order) from error
    admit(client)
    transitions.close_attempt(order.payment, PaymentAttempt.Outcome.ABANDONED)
    try:
        transitions.open_attempt(order.payment, token, client)
    except IllegalMove as error:
        raise CardNotNeeded(order) from error


def read_after_return(order: Order) -> None:
    """Wake the saga when the customer is back from the bank, to read the intent.

    At most once in LOOK_EVERY seconds for an order: everybody who knows its address can
    call this. A look that is left out comes with the provider's report.
    """
    if cache.add(f"returned:{order.uid}", True, LOOK_EVERY):
        operations.wake(CHECKOUT, order.number)


def challenge_secret(order: Order) -> str | None:
    """Return the secret with which the browser shows the bank's question.

    None when there is no question, or the provider cannot be reached right now. Each
    process asks the provider once in SECRET_KEPT seconds for an order.
    """
    payment = Payment.objects.get(order=order)
    if payment.intent_id is None or saga_of(order).waiting_for != WAIT_FOR_CHALLENGE:
        return None
    key = f"challenge:{payment.intent_id}"
    kept: str | None = caches["pages"].get(key)
    if kept is None:
        kept = _ask_for_secret(order, payment.intent_id)
        caches["pages"].set(key, kept, SECRET_KEPT if kept else NO_SECRET_KEPT)
    return kept or None


def _ask_for_secret(order: Order, intent_id: str) -> str:
    """Return the secret, or "" if the provider does not tell it."""
    try:
        return get_gateway().retrieve(intent_id).client_secret or ""
    except PaymentError as error:
        logger.warning("%s: no challenge could be fetched: %s", order, error)
        return ""
