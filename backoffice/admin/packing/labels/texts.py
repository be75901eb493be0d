"""The texts of a label, by the names that the formats' columns use."""

import re
from collections.abc import Sequence

from django.utils import timezone, translation

from backoffice.admin.packing.labels.kana import half_width
from backoffice.admin.packing.labels.table import pieces
from backoffice.admin.packing.selectors import Waiting
from checkout.templatetags.checkout_tags import prefecture
from orders.models import Order
from orders.parcels import name_of
from shop.countries import country_name
from shop.profile.selectors import Seller, read_seller

# Sagawa prints addresses and names in lines of sixteen full-width characters.
SAGAWA_LINE = 32
_POSTCODE = re.compile("\u3012?\\s*(\\d{3}-?\\d{4})\\s*")
_JAPAN = re.compile(r"^\+81[- ]?\(?0?\)?")


def read_texts(waiting: Sequence[Waiting]) -> list[tuple[str, dict[str, str]]]:
    """Return number and texts of each order's label. Labels are in Japanese.

    What is picked up has none.
    """
    with translation.override("ja"):
        sender = _sender(read_seller())
        today = f"{timezone.localdate():%Y/%m/%d}"
        return [
            (each.number, {**sender, **_label(each), "ship_date": today})
            for each in waiting
            if not each.order.is_pickup
        ]


def _label(waiting: Waiting) -> dict[str, str]:
    """Return the texts of a recipient in Japan; of others where they are."""
    if waiting.order.is_abroad:
        return {"abroad": country_name(waiting.order.country)}
    return _recipient(waiting)


def _recipient(waiting: Waiting) -> dict[str, str]:
    order = waiting.order
    address = f"{prefecture(order.prefecture)}{order.city}{order.street}"
    whole = f"{address} {order.building}".strip()
    lines = pieces(whole, SAGAWA_LINE, 3)
    names = pieces(order.name, SAGAWA_LINE, 2)
    goods = "\u3001".join(
        f"{name_of(each.goods)}\u00d7{each.quantity}" for each in waiting.units
    )
    return {
        "number": waiting.number,
        "phone": _phone(order),
        "postcode": order.postcode,
        "address": address,
        "building": order.building,
        "address_1": lines[0],
        "address_2": lines[1],
        "address_3": lines[2],
        "name": order.name,
        "kana": half_width(order.name_kana),
        "name_1": names[0],
        "name_2": names[1],
        "goods": goods,
        **_wish(waiting),
    }


def _wish(waiting: Waiting) -> dict[str, str]:
    """Return the day and the slot that the customer chose; empty without a wish.

    The day was for the first parcel: an exchange keeps the slot alone.
    """
    order = waiting.order
    day = None if waiting.exchange else order.delivery_on
    return {
        "delivery_day": f"{day:%Y/%m/%d}" if day else "",
        "delivery_day_plain": f"{day:%Y%m%d}" if day else "",
        "slot": order.delivery_slot,
    }


def _phone(order: Order) -> str:
    return _JAPAN.sub("0", order.phone)


def _sender(seller: Seller) -> dict[str, str]:
    found = _POSTCODE.search(seller.address)
    address = _POSTCODE.sub("", seller.address, count=1)
    whole = "".join(line.strip() for line in address.splitlines())
    lines = pieces(whole, SAGAWA_LINE, 2)
    names = pieces(seller.name, SAGAWA_LINE, 2)
    return {
        "sender_postcode": found.group(1) if found else "",
        "sender_address": whole,
        "sender_address_1": lines[0],
        "sender_address_2": lines[1],
        "sender_name": seller.name,
        "sender_name_1": names[0],
        "sender_name_2": names[1],
        "sender_phone": seller.phone,
    }
