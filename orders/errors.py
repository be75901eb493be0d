"""Why an order refused to change."""

from typing import TYPE_CHECKING

from django.db.models import Model

from shop.money import Money

if TYPE_CHECKING:
    from orders.models.shortage import Shortage


class IllegalMove(Exception):
    """An order or payment is not in a status from which this move is allowed.

    A bug, or two people at once: nothing was changed.
    """

    def __init__(self, row: Model, to: str) -> None:
        super().__init__(f"{row!r} cannot become {to} from where it is")
        self.row = row
        self.to = to


class RefundRefused(Exception):
    """Base of why a refund is not taken down. Nothing was changed; staff can act."""


class NotCharged(RefundRefused):
    """There is no charge of which anything could be given back."""

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} was not charged: there is nothing to refund")
        self.number = number


class RefundStale(RefundRefused):
    """Something was refunded, or a refund failed, since the form was looked at."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"the refunds of order {number} have changed meanwhile: look again"
        )
        self.number = number


class RefundTooLarge(RefundRefused):
    """More than is left of the charge."""

    def __init__(self, requested: Money, left: Money) -> None:
        super().__init__(
            f"{requested} cannot be refunded: {left} are left of the charge"
        )
        self.requested = requested
        self.left = left


class UnitsRefunded(RefundRefused):
    """More units of a line than are left to be refunded, or to be put into stock."""

    def __init__(self, sku: str, refundable: int, restockable: int) -> None:
        super().__init__(
            f"{sku}: {refundable} can still be refunded, "
            f"{restockable} put back into stock"
        )
        self.sku = sku
        self.refundable = refundable
        self.restockable = restockable


class ShortageRefused(Exception):
    """Base of why missing goods are not taken down, or not decided. Nothing changed."""


class NotToBePacked(ShortageRefused):
    """The order is not paid and waiting for its parcel: it cannot lack goods."""

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} does not wait to be shipped")
        self.number = number


class ShortageOpen(ShortageRefused):
    """Missing goods were recorded before, and that is not settled yet."""

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} has a shortage that is not settled")
        self.number = number


class TooManyMissing(ShortageRefused):
    """More units of a line than can still go out."""

    def __init__(self, sku: str, left: int) -> None:
        super().__init__(f"{sku}: no more than {left} can be missing")
        self.sku = sku
        self.left = left


class ShortageMoved(ShortageRefused):
    """Somebody decided since the page was looked at; ``shortage`` says what."""

    def __init__(self, shortage: "Shortage") -> None:
        super().__init__(f"shortage {shortage.pk} was decided meanwhile: look again")
        self.shortage = shortage
