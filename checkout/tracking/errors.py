"""The refusals of the customer's next card."""

from django.utils.translation import gettext as _

from orders.models import Order


class CardNotNeeded(Exception):
    """The order does not wait for a card: it is paid, ended, or one is being tried."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.number} does not wait for a card")
        self.order = order

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _("This order does not wait for another card.")


class GoodsGone(Exception):
    """The goods sold out once they were no longer set aside. The card was not tried."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"the goods of order {order.number} are gone")
        self.order = order

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _(
            "Your goods were no longer set aside for you, and have sold out. Your card "
            "was not tried, and nothing was charged."
        )
