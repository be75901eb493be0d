"""Why nobody waits for an article."""


class NotSoldOut(Exception):
    """The variant can be bought at this moment, or is not for sale at all."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"{sku} is not sold out")
        self.sku = sku
