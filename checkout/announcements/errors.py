"""Why checkout takes no orders."""

from checkout.announcements.models import Announcement
from shop.formatting import date_and_time


class CheckoutPaused(Exception):
    """Staff have paused checkout; ``pause`` is the announcement.

    Nothing was ordered or charged, the cart is unchanged. Staff lift the pause.
    """

    def __init__(self, pause: Announcement) -> None:
        since = date_and_time(pause.set_at)
        super().__init__(f"checkout is paused since {since} by {pause.set_by}")
        self.pause = pause
