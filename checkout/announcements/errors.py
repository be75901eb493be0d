"""Why checkout takes no orders."""

from django.utils import timezone

from checkout.announcements.models import Announcement


class CheckoutPaused(Exception):
    """Staff have paused checkout; ``pause`` is the announcement.

    Nothing was ordered or charged, the cart is unchanged. Staff lift the pause.
    """

    def __init__(self, pause: Announcement) -> None:
        since = f"{timezone.localtime(pause.set_at):%Y-%m-%d %H:%M}"
        super().__init__(f"checkout is paused since {since} by {pause.set_by}")
        self.pause = pause
