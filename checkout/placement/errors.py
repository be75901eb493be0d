"""Why an order was not placed, and what the customer can do."""

from django.utils.translation import gettext as _


class CartEmpty(Exception):
    """There is nothing to order; go back to the catalogue."""


class InformationMissing(Exception):
    """Contact and address are not known yet; go back to the information page."""


class QuoteChanged(Exception):
    """A price or the stock changed since the customer saw it; show it again."""


class TooManyUnpaid(Exception):
    """The customer's address has as many unpaid orders as it may have."""

    def __init__(self, email: str, most: int) -> None:
        super().__init__(f"{most} orders of one mail address are unpaid")
        self.email = email
        self.most = most

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "%(most)s orders for your email address are not paid yet, so this one was "
            "not placed and nothing was charged. Please pay those first; their links "
            "are in our mails to you. Unpaid orders are cancelled by themselves."
        ) % {"most": self.most}


class SoldOut(Exception):
    """Orders that were placed a moment ago take the last units of these articles."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"sold out a moment ago: {names}")
        self.names = names

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "Sold out: other customers ordered the last ones a moment ago (%(names)s). "
            "Your order was not placed, and nothing was charged."
        ) % {"names": ", ".join(self.names)}
