"""Which lines of an order the units are that a warehouse names by SKU alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from checkout.aftersales.warehouse.shipping.errors import SentWrongly
from orders.parcels import Units


def allocate(parts: Iterable[Units], wanted: Mapping[str, int]) -> list[Units]:
    """Return those of ``parts`` that make up ``wanted`` (SKU -> units).

    Raises SentWrongly if there are not enough.
    """
    left, found = Counter(wanted), []
    for part in parts:
        sku = part.goods.sku
        taken = min(part.quantity, left[sku])
        if taken:
            found.append(replace(part, quantity=taken))
            left[sku] -= taken
    missing = {sku: count for sku, count in left.items() if count}
    if missing:
        message = f"the warehouse names units that are not to be sent: {missing}"
        raise SentWrongly(message)
    return found
