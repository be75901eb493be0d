"""Why an order refused to change."""

from django.db.models import Model


class IllegalMove(Exception):
    """An order or payment is not in a status from which this move is allowed.

    A bug, or two people at once: nothing was changed.
    """

    def __init__(self, row: Model, to: str) -> None:
        super().__init__(f"{row!r} cannot become {to} from where it is")
        self.row = row
        self.to = to
