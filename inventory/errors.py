"""Refusals of the stock, one class for each cause."""

from django.utils.translation import gettext


class OutOfStock(Exception):
    """Fewer units are free than were asked for. The customer can act: buy fewer."""

    def __init__(self, sku: str, requested: int, free: int) -> None:
        super().__init__(f"{sku}: {requested} requested, {free} free")
        self.sku = sku
        self.requested = requested
        self.free = free

    @property
    def sentence(self) -> str:
        """Return what staff read who take units out of the stock."""
        text = gettext(
            "Only %(free)d are free; the others are promised to orders. "
            "Nothing was changed."
        )
        return text % {"free": self.free}


class HoldLost(Exception):
    """A hold that was expected to be active has expired, was released or never was."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"no active hold for {reference}")
        self.reference = reference


class NothingToMove(ValueError):
    """The movement has zero units, or the receipt fewer than one."""


class NotShipped(Exception):
    """Goods cannot come back: they never left the stock, or all came back before.

    ``sentence`` is what staff read, in their language.
    """

    def __init__(self, reference: str, sku: str) -> None:
        super().__init__(f"{reference}: {sku} did not leave the stock, or came back")
        self.reference = reference
        self.sku = sku
        self.sentence = gettext(
            "%(sku)s did not leave the stock, or has come back already."
        ) % {"sku": sku}


class UnknownSku(Exception):
    """Neither the stock nor a variant has this SKU. Nothing was booked.

    ``sentence`` is what staff read, in their language.
    """

    def __init__(self, sku: str) -> None:
        super().__init__(f"no variant has the SKU {sku}")
        self.sku = sku
        self.sentence = gettext(
            "No variant in the catalogue has this SKU. Nothing was booked."
        )
