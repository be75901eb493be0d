"""Why the inventory refused, one class per cause."""


class OutOfStock(Exception):
    """Fewer units are free than were asked for. The customer can act: buy fewer."""

    def __init__(self, sku: str, requested: int, free: int) -> None:
        super().__init__(f"{sku}: {requested} requested, {free} free")
        self.sku = sku
        self.requested = requested
        self.free = free


class HoldLost(Exception):
    """A hold that was expected to stand has expired, was released or never was."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"no active hold for {reference}")
        self.reference = reference


class NothingToMove(ValueError):
    """A movement of zero units, or a receipt of fewer than one, was asked for."""


class NotShipped(Exception):
    """Goods are to come back that never left, or no longer can: all came back."""

    def __init__(self, reference: str, sku: str) -> None:
        super().__init__(f"{reference}: {sku} did not leave the stock, or came back")
        self.reference = reference
        self.sku = sku
