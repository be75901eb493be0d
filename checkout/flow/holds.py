"""The goods that are set aside for an order, and until when."""

from datetime import datetime, timedelta

from django.conf import settings

from checkout.flow.claimed_order import units_of
from checkout.status.names import RESERVE
from inventory import services as inventory
from inventory.errors import HoldLost, OutOfStock
from inventory.parking import ParkLimits, park
from orders.models import Order, PaymentAttempt
from saga.errors import Abort
from saga.models import Saga
from saga.step import Context
from shop import database_clock

# The hold outlives the customer's deadline by this much, so that a card accepted in
# the last second still finds its goods.
_MARGIN = timedelta(minutes=5)


def hold(context: Context, until: datetime) -> None:
    """Set the order's goods aside for a payment that may come ``until`` then.

    Called again, it only moves the end. Raises Abort when the goods are gone.
    """
    _reserve(context.reference, until + _MARGIN)


def hold_again(saga: Saga) -> None:
    """Set the goods aside once more for the customer's next card.

    Raises OutOfStock when they are gone meanwhile.
    """
    number = saga.reference
    inventory.reserve(number, units_of(number), _hold_until(saga) + _MARGIN)


def keep_for_answer(context: Context, attempt: PaymentAttempt) -> None:
    """Keep the goods while the bank asks the customer, if not too much is kept."""
    park(
        context.reference,
        hold_deadline(context) + _MARGIN,
        attempt.client,
        _limits(),
    )


def keep_for_next_card(context: Context, attempt: PaymentAttempt) -> None:
    """Keep the goods some minutes for another card, if not too much is kept.

    The customer may still pay after that, as long as there are goods.
    """
    minutes = timedelta(minutes=settings.DECLINED_HOLD_MINUTES)
    until = min(hold_deadline(context) + _MARGIN, database_clock.read() + minutes)
    park(context.reference, until, attempt.client, _limits())


def keep_for_store(context: Context, attempt: PaymentAttempt, until: datetime) -> None:
    """Keep the goods until a voucher can no longer be paid.

    Raises Abort when they are gone, or when too many unpaid goods are kept.
    """
    hold(context, until)
    if not park(context.reference, until + _MARGIN, attempt.client, _limits()):
        message = "too many units of these goods are set aside for unpaid orders"
        raise Abort(message, Order.CancelReason.UNPAID_LIMIT)


def pin(context: Context) -> None:
    """Set the goods aside without an end, before any money moves.

    Takes them again when the hold had lapsed. Raises Abort when they are gone.
    """
    try:
        inventory.pin(context.reference)
    except HoldLost:
        _reserve(context.reference, None)


def hold_deadline(context: Context) -> datetime:
    """Return until when a customer who pays at once may still pay."""
    return _hold_until(context.saga)


def _hold_until(saga: Saga) -> datetime:
    return datetime.fromisoformat(saga.output(RESERVE)["hold_until"])


def _limits() -> ParkLimits:
    return ParkLimits(
        settings.UNPAID_HOLD_PERCENT, settings.UNPAID_HOLD_PERCENT_PER_ADDRESS
    )


def _reserve(number: str, expires_at: datetime | None) -> None:
    try:
        inventory.reserve(number, units_of(number), expires_at)
    except OutOfStock as error:
        raise Abort(str(error), Order.CancelReason.OUT_OF_STOCK) from error
