"""Why a card is not tried."""

from datetime import datetime


class TooManyCards(Exception):
    """Too many cards came from one internet address; ``until`` says when it may again.

    The customer waits, or takes another connection. Nothing was written or charged.
    """

    def __init__(self, client: str, until: datetime) -> None:
        super().__init__(f"{client} may not try another card before {until}")
        self.client = client
        self.until = until
