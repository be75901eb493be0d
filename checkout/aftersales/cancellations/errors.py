"""The refusals to cancel an order. Nothing was changed. Each says why."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class NotCancellable(Exception):
    """Base of the refusals to cancel an order.

    ``sentence`` says why, for the person who asked, without the order's number.
    """

    sentence: str | Promise = _(
        "It cannot be cancelled now: it has been sent, it was cancelled already, or it "
        "is being processed at this moment."
    )

    def __init__(self, number: str, why: str = "") -> None:
        super().__init__(f"{number} cannot be cancelled{why and f': {why}'}")
        self.number = number


class BeingProcessed(NotCancellable):
    """A worker is at the order, or it was charged since the page was shown."""

    sentence = _(
        "It is being processed at this moment. Wait a minute, then look at it once "
        "more."
    )


class OtherAmountLeft(NotCancellable):
    """Another amount is left of the charge than the person was shown."""

    sentence = _(
        "Something was charged, refunded or disputed since you opened the page. Look "
        "at it once more."
    )
