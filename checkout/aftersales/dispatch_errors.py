"""Why an order is not released, not shipped, or not called off, in words for staff."""

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.errors import ParcelRefused
from orders.models import Order
from shop.formatting import Wording, price
from shop.money import Money


class NotReleasable(Exception):
    """Base of the refusals to release an order for shipping. Nothing was changed.

    ``sentence`` tells staff why, without the order's number.
    """

    sentence: str | Promise

    def __init__(self, number: str) -> None:
        super().__init__(f"{number}: {self.sentence}")
        self.number = number


class ChargedAtOnce(NotReleasable):
    """The order is charged without waiting for its shipment."""

    sentence = _("It is charged at once: there is nothing to release.")


class NotWaiting(NotReleasable):
    """The order's saga does not wait for the shipment: not yet, or not any more."""

    sentence = _("It does not wait for its shipment.")


class NotShippable(Exception):
    """The order is not paid yet, was cancelled, was shipped, or goods are missing.

    ``state`` is the status that forbids it, of the order or of its shipment;
    ``sentence`` tells staff the same in their language.
    """

    sentence: str

    def __init__(self, order: Order) -> None:
        row = order.shipment if order.status == Order.Status.CONFIRMED else order
        self.number, self.state = order.number, row.status
        self.sentence = gettext("%(number)s cannot be shipped. It is: %(state)s.") % {
            "number": order.number,
            "state": row.get_status_display(),
        }
        super().__init__(f"{self.number} is {self.state}: it cannot be shipped")


class NothingLeft(NotShippable):
    """All of the charge was refunded or disputed, so the goods are not sent."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self.args = (f"{order.number}: nothing is left of the charge",)
        self.sentence = gettext(
            "%(number)s cannot be shipped. Nothing is left of its charge: it was "
            "refunded or disputed. Call the parcel off."
        ) % {"number": order.number}


class BeingCancelled(NotShippable):
    """A colleague has accepted the customer's request to cancel."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self.args = (f"{order.number} is being cancelled",)
        text = gettext("%(number)s cannot be shipped. It is being cancelled.")
        self.sentence = text % {"number": order.number}


class NotReleased(NotShippable):
    """Goods in it are a pre-order that is not released yet."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self.args = (f"{order.number} is sent from {order.not_before} on",)
        text = gettext(
            "%(number)s is a pre-order: it is sent from %(day)s on. If the items are "
            "here earlier, change the release date of the product."
        )
        day = formats.date_format(order.not_before) if order.not_before else ""
        self.sentence = text % {"number": order.number, "day": day}


class PickedUp(NotShippable):
    """Its customer picks it up: no carrier gets it, and it has no number."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self.args = (f"{order.number} is picked up: it has no tracking number",)
        text = gettext(
            "%(number)s is picked up at %(place)s. It has no label: hand it over to "
            "its customer."
        )
        self.sentence = text % {"number": order.number, "place": order.pickup_place}


class AtWarehouse(NotShippable):
    """The warehouse has the order, and was not asked to stop it."""

    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self.args = (f"{order.number} is at the warehouse: cancel the order instead",)
        self.sentence = gettext(
            "The warehouse has %(number)s. Cancel the order: then the warehouse is "
            "asked to stop it before its goods go back into stock."
        ) % {"number": order.number}


class NotStopped(NotShippable):
    """The warehouse did not agree to send nothing more of the order."""

    def __init__(self, order: Order, sentence: Wording) -> None:
        super().__init__(order)
        self.args = (f"{order.number}: {sentence}",)
        self.sentence = str(sentence)


class Unsendable(NotShippable):
    """Nothing is left to send, or more was to be sent than is left."""

    def __init__(self, order: Order, cause: ParcelRefused) -> None:
        super().__init__(order)
        self.args = cause.args
        self.sentence = str(cause.sentence)


class StillPaid(Exception):
    """Something is left of the charge, so the parcel is not called off.

    ``sentence`` tells staff the same in their language.
    """

    def __init__(self, order: Order, left: Money) -> None:
        super().__init__(f"{order.number} is paid: {left} of the charge are left")
        self.sentence = gettext(
            "%(number)s is paid: %(left)s of the charge are left. Refund that first, "
            "or ship the goods."
        ) % {"number": order.number, "left": price(left)}
