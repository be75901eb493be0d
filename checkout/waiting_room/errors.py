"""Why a customer does not get into the checkout yet, or a room does not open."""

from django.utils.translation import gettext as _

from checkout.waiting_room.tickets import PlaceInLine


class MustWait(Exception):
    """It is not this cart's turn yet; ``place`` says where it stands.

    Nothing was ordered or charged. The customer waits: the place is kept.
    """

    def __init__(self, place: PlaceInLine) -> None:
        super().__init__(f"number {place.number} in line in waiting room {place.room}")
        self.place = place

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "Your order was not placed, and nothing was charged: many customers are "
            "buying %(name)s right now. You are number %(number)s in line."
        ) % {"name": self.place.name, "number": self.place.number}


class RoomOpen(Exception):
    """The product (its key) has an open waiting room already; it is unchanged."""

    def __init__(self, product: int) -> None:
        super().__init__(f"the waiting room of product {product} is open")
        self.product = product
