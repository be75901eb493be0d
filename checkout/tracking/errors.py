"""The refusal of the customer's next card."""

from orders.models import Order


class CardNotNeeded(Exception):
    """The order does not wait for a card: it is paid, ended, or one is being tried."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.number} does not wait for a card")
        self.order = order
