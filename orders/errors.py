"""Refusals to change an order, one class for each cause."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.db.models import Model
from django.utils.translation import gettext

from shop.formatting import Wording, moment
from shop.money import Money

if TYPE_CHECKING:
    from orders.models.cancellation import Cancellation
    from orders.models.exchange import Exchange
    from orders.models.order import Order
    from orders.models.returns import Return
    from orders.models.shipment import Shipment
    from orders.models.shortage import Shortage


class IllegalMove(Exception):
    """The row is not in a status from which this move is allowed.

    The cause is a bug, or two people at once. Nothing was changed.
    """

    def __init__(self, row: Model, to: str) -> None:
        super().__init__(f"{row!r} cannot become {to} from where it is")
        self.row = row
        self.to = to


class FormOfAnother(SuspiciousOperation):
    """The id of a form was used before, with another order. Nothing was changed.

    No page of the shop sends that: Django answers 400.
    """

    def __init__(self, uid: UUID) -> None:
        super().__init__(f"the form {uid} was made for another order")
        self.uid = uid


class ParcelRefused(Exception):
    """Base of refusals to send a parcel. Nothing was changed.

    ``sentence`` is what staff read, in their language.
    """

    sentence: Wording


class NothingDue(ParcelRefused):
    """Nothing of the order is to be sent: all goods are back in stock."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number}: nothing is left to be sent")
        self.sentence = gettext(
            "%(number)s has nothing left to send: its goods were put back into stock."
        ) % {"number": number}


class NotDue(ParcelRefused):
    """More units of a line are in the parcel than are still to be sent."""

    def __init__(self, sku: str, left: int) -> None:
        super().__init__(f"{sku}: no more than {left} can be sent")
        self.sku = sku
        self.left = left
        self.sentence = gettext("No more than %(count)d of %(sku)s can be sent.") % {
            "count": left,
            "sku": sku,
        }


class BeingPacked(Exception):
    """Another packer has the order. Nothing was changed.

    ``sentence`` is what staff read, in their language.
    """

    def __init__(self, number: str, shipment: "Shipment | Exchange") -> None:
        super().__init__(f"{number} is being packed by {shipment.packer}")
        self.packer = shipment.packer
        since = shipment.packing_since
        self.sentence = gettext(
            "%(number)s: %(who)s has been packing it since %(time)s. Take another "
            "order, or take this one over."
        ) % {
            "number": number,
            "who": shipment.packer,
            "time": moment(since) if since else "",
        }


class CorrectionRefused(Exception):
    """Base of refusals to correct an order. Nothing was changed.

    ``sentence`` is what staff read, in their language.
    """

    sentence: Wording


class TooLateToCorrect(CorrectionRefused):
    """The last parcel was handed over, or the order is cancelled."""

    def __init__(self, order: "Order") -> None:
        super().__init__(f"{order}: too late to change the recipient")
        self.sentence = gettext(
            "The recipient of %(number)s cannot be changed any more: it is shipped or "
            "cancelled."
        ) % {"number": order.number}


class CorrectedMeanwhile(CorrectionRefused):
    """Another member of staff changed the same since the page was opened."""

    def __init__(self, row: Model) -> None:
        super().__init__(f"{row}: changed meanwhile")
        self.sentence = gettext(
            "Nothing was changed: a colleague has just changed the same. Look at it "
            "once more."
        )


class RefundRefused(Exception):
    """Base of refusals of a refund. Nothing was changed; staff can act."""


class NotCharged(RefundRefused):
    """The order was not charged, so there is nothing to refund.

    ``sentence`` is what staff read, in their language.
    """

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} was not charged: there is nothing to refund")
        self.number = number
        self.sentence = gettext("the order was not charged.")


class RefundStale(RefundRefused):
    """The refunds of the order have changed since the form was shown."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"the refunds of order {number} have changed meanwhile: look again"
        )
        self.number = number


class RefundTooLarge(RefundRefused):
    """The amount is larger than what is left of the charge."""

    def __init__(self, requested: Money, left: Money) -> None:
        super().__init__(
            f"{requested} cannot be refunded: {left} are left of the charge"
        )
        self.requested = requested
        self.left = left


class UnitsRefunded(RefundRefused):
    """More units of a line than can still be refunded or put back into stock."""

    def __init__(self, sku: str, refundable: int, restockable: int) -> None:
        super().__init__(
            f"{sku}: {refundable} can still be refunded, "
            f"{restockable} put back into stock"
        )
        self.sku = sku
        self.refundable = refundable
        self.restockable = restockable


class ShortageRefused(Exception):
    """Base of refusals to record or decide a shortage. Nothing was changed.

    ``sentence`` is what staff read, in their language.
    """

    sentence: Wording


class NotToBePacked(ShortageRefused):
    """The order does not wait to be shipped, so no goods of it can be missing."""

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} does not wait to be shipped")
        self.number = number
        self.sentence = gettext("the order does not wait to be shipped.")


class ShortageOpen(ShortageRefused):
    """The order has a shortage that is not settled."""

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} has a shortage that is not settled")
        self.number = number
        self.sentence = gettext("the order has a shortage that is not settled.")


class TooManyMissing(ShortageRefused):
    """More units of a line are reported missing than can still be sent."""

    def __init__(self, sku: str, left: int) -> None:
        super().__init__(f"{sku}: no more than {left} can be missing")
        self.sku = sku
        self.left = left
        self.sentence = gettext("no more than %(count)d of %(sku)s can be missing.") % {
            "count": left,
            "sku": sku,
        }


class ShortageMoved(ShortageRefused):
    """The shortage was decided since the page was shown; ``shortage`` is its state."""

    def __init__(self, shortage: "Shortage") -> None:
        super().__init__(f"shortage {shortage.pk} was decided meanwhile: look again")
        self.shortage = shortage
        self.sentence = gettext("it was decided meanwhile. Look at it once more.")


class CancellationMoved(Exception):
    """The cancellation was decided or ended meanwhile; it shows its state now.

    ``sentence`` is what staff read, in their language.
    """

    def __init__(self, cancellation: "Cancellation") -> None:
        super().__init__(
            f"cancellation {cancellation.pk} is {cancellation.status} meanwhile"
        )
        self.cancellation = cancellation
        state = cancellation.get_status_display()
        self.sentence = gettext("It was decided meanwhile. It is now: %(state)s.") % {
            "state": state
        }


class ReturnRefused(Exception):
    """Base of refusals to record or settle a return. Nothing was changed.

    ``sentence`` is what the person who tried reads, in their language.
    """

    sentence: Wording


class NotReturnable(ReturnRefused):
    """Nothing of the order was sent, or nothing of it can be returned."""

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number}: nothing can be returned now")
        self.number = number
        self.sentence = gettext("Nothing of this order can be returned now.")


class AskedTooOften(ReturnRefused):
    """The customer has asked for many returns of the order within a day."""

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number}: too many returns were asked for today")
        self.number = number
        self.sentence = gettext(
            "You have asked for many returns of this order today. Please write to us."
        )


class TooManyReturned(ReturnRefused):
    """More units are returned than left and are not in another return."""

    def __init__(self, sku: str, left: int) -> None:
        super().__init__(f"{sku}: no more than {left} can be returned")
        self.sku = sku
        self.left = left
        self.sentence = gettext("No more than %(count)d of %(sku)s can be returned.")
        self.sentence %= {"count": left, "sku": sku}


class ReturnMoved(ReturnRefused):
    """The return was decided or settled meanwhile; it shows its state now."""

    def __init__(self, returned: "Return") -> None:
        super().__init__(f"return {returned.pk} is {returned.status} meanwhile")
        self.returned = returned
        self.sentence = gettext("It was changed meanwhile. It is now: %(state)s.") % {
            "state": returned.get_status_display()
        }
