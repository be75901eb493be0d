"""Parcels of charged orders."""

import uuid
from collections.abc import Mapping
from typing import Any

from checkout.aftersales import dispatch
from orders.models import Order, Parcel
from orders.parcels import Units, due

LABEL: dict[str, Any] = {
    "carrier": "yamato",
    "tracking_number": "1234-5678-9012",
    "actor": "yuki",
}


def units_of(order: Order, wanted: Mapping[str, int]) -> list[Units]:
    """Return ``wanted`` (SKU -> units) of what is due of the order."""
    return [
        Units(each.line, wanted[each.goods.sku], each.substitute)
        for each in due(order)
        if each.goods.sku in wanted
    ]


def send(
    order: Order, wanted: Mapping[str, int] | None = None, **fields: Any
) -> Parcel | None:
    """Send a parcel with ``wanted`` (SKU -> units), or with everything that is left."""
    items = None if wanted is None else units_of(order, wanted)
    values: dict[str, Any] = {**LABEL, "items": items, "uid": uuid.uuid4()}
    return dispatch.ship(order, **(values | fields))
