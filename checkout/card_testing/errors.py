"""Why a card is not tried."""

from datetime import datetime

from django.utils.translation import gettext as _

from shop.formatting import clock_time


class TooManyCards(Exception):
    """Too many cards came from one internet address; ``until`` says when it may again.

    The customer waits, or takes another connection. Nothing was written or charged.
    """

    def __init__(self, client: str, until: datetime) -> None:
        super().__init__(f"{client} may not try another card before {until}")
        self.client = client
        self.until = until

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "Too many cards were tried from your internet connection within an hour, "
            "so this one was not tried and nothing was charged. Please try again after "
            "%(time)s, or use another connection. We do this to protect "
            "card holders."
        ) % {"time": clock_time(self.until)}
