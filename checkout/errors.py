"""Why the checkout refused; each says what the customer can do."""

from datetime import datetime

from django.utils import timezone

from checkout.announcements import Announcement
from orders.models import Order


class CartEmpty(Exception):
    """There is nothing to order; go back to the catalogue."""


class InformationMissing(Exception):
    """Contact and address are not known yet; go back to the information page."""


class QuoteChanged(Exception):
    """A price or the stock changed since the customer saw it; show it again."""


class CheckoutPaused(Exception):
    """Staff have paused checkout; ``pause`` says since when, and what customers read.

    Nothing was ordered or charged, the cart is as it was. Staff lift the pause.
    """

    def __init__(self, pause: Announcement) -> None:
        since = f"{timezone.localtime(pause.set_at):%Y-%m-%d %H:%M}"
        super().__init__(f"checkout is paused since {since} by {pause.set_by}")
        self.pause = pause


class TooManyCards(Exception):
    """Too many cards came from one internet address; ``until`` says when it may again.

    The customer waits, or takes another connection. Nothing was written or charged.
    """

    def __init__(self, client: str, until: datetime) -> None:
        super().__init__(f"{client} may not try another card before {until}")
        self.client = client
        self.until = until


class CardNotNeeded(Exception):
    """The order does not wait for a card: it is paid, ended, or one is being tried."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.number} does not wait for a card")
        self.order = order


class NotReleasable(Exception):
    """Staff cannot release the order for shipping. ``why`` is a sentence for them."""

    def __init__(self, order: Order, why: str) -> None:
        super().__init__(f"{order.number}: {why}")
        self.order = order
        self.why = why


class NotShippable(Exception):
    """The order is not paid yet, was cancelled, or goods of it are missing."""

    def __init__(self, order: Order) -> None:
        paid = order.status == Order.Status.CONFIRMED
        state = order.shipment.status if paid else order.status
        super().__init__(f"{order.number} is {state}: it cannot be shipped")
        self.order = order
