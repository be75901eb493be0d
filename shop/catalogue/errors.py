"""Refusals of changes to the catalogue, one class for each cause."""

from django.utils.translation import gettext


class SkuKnownToStock(Exception):
    """A variant whose SKU the stock knows cannot be renamed or deleted.

    ``sentence`` is what staff read, in their language: the reason and the way out.
    """

    def __init__(self, sku: str) -> None:
        super().__init__(f"the stock knows {sku}")
        self.sku = sku
        self.sentence = gettext(
            "The stock counts %(sku)s, and orders and carts may name it, so it can be "
            "neither renamed nor deleted. Take it off sale instead; for another SKU, "
            "add another variant."
        ) % {"sku": sku}
