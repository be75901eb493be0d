"""Why checkout takes no orders."""

from django.utils.translation import gettext as _

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

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _("Your order was not placed. Nothing was charged.")
