"""The goods that are set aside for an order, and until when."""

from datetime import datetime, timedelta

from checkout.flow.claimed_order import units_of
from checkout.status.names import RESERVE
from inventory import services as inventory
from inventory.errors import HoldLost, OutOfStock
from orders.models import Order
from saga.errors import Abort
from saga.step import Context

# The hold outlives the customer's deadline by this much, so that a card accepted in
# the last second still finds its goods.
_MARGIN = timedelta(minutes=5)


def hold(context: Context, until: datetime) -> None:
    """Set the order's goods aside for a payment that may come ``until`` then.

    Called again, it only moves the end. Raises Abort when the goods are gone.
    """
    _reserve(context.reference, until + _MARGIN)


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
    return datetime.fromisoformat(context.output(RESERVE)["hold_until"])


def _reserve(number: str, expires_at: datetime | None) -> None:
    try:
        inventory.reserve(number, units_of(number), expires_at)
    except OutOfStock as error:
        raise Abort(str(error), Order.CancelReason.OUT_OF_STOCK) from error
