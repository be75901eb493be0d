"""Refusals to change an order, one class for each cause."""

from typing import TYPE_CHECKING

from django.db.models import Model
from django.utils.translation import gettext

from shop.formatting import Wording
from shop.money import Money

if TYPE_CHECKING:
    from orders.models.shortage import Shortage


class IllegalMove(Exception):
    """The row is not in a status from which this move is allowed.

    The cause is a bug, or two people at once. Nothing was changed.
    """

    def __init__(self, row: Model, to: str) -> None:
        super().__init__(f"{row!r} cannot become {to} from where it is")
        self.row = row
        self.to = to


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
