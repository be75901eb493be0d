"""Filters that write what orders keep as keys: prefectures, deliveries, stores."""

from datetime import date

from django import template
from django.utils.translation import gettext_lazy as _

from checkout.cart.mail_domains import suggest_address
from checkout.cart.models import Delivery, TemporaryOrder
from checkout.cart.wish_wording import Address, lines_of_address, write_wishes
from checkout.shipping.prefectures import Prefecture
from checkout.shipping.slots import write_wish
from checkout.shipping.wording import write_day, write_days
from orders.models import Order
from shop.countries import country_name
from shop.text.mail_address import is_standard

register = template.Library()

# By the payment provider's name of the chain.
_STORES = {
    "familymart": _("FamilyMart"),
    "lawson": _("Lawson"),
    "ministop": _("Ministop"),
    "seicomart": _("Seicomart"),
}


@register.filter
def prefecture(key: str) -> str:
    """Write a prefecture's name; an unknown key (an imported order's) as it is."""
    return str(Prefecture(key).label) if key in Prefecture.values else key


@register.filter
def address_lines(source: Address) -> list[str]:
    """Return an address in the order of its country."""
    return lines_of_address(source)


@register.filter
def destination(order: Order) -> str:
    """Write where an order goes: the prefecture, or the country; "" of a pick-up."""
    if order.is_pickup:
        return ""
    if order.is_abroad:
        return country_name(order.country)
    return prefecture(order.prefecture)


@register.filter
def delivery(key: str) -> str:
    """Write a way of delivery in words; an unknown key as it is."""
    return str(Delivery(key).label) if key in Delivery.values else key


@register.filter
def day(when: date) -> str:
    """Write a day with its weekday: Tue 1 Dec."""
    return write_day(when)


@register.filter
def arrival(order: Order) -> str:
    """Write when an order arrives, as it was promised; "" if nothing was.

    Of a pick-up, from which day on it is ready.
    """
    if order.promised_from is None or order.promised_until is None:
        return ""
    first = order.promised_until if order.is_pickup else order.promised_from
    return write_days(first, order.promised_until)


@register.filter
def wish(order: Order | TemporaryOrder) -> str:
    """Write the day and time that the customer chose; "" without a wish."""
    return write_wish(order.delivery_on, order.delivery_slot)


@register.filter
def wishes(order: Order | TemporaryOrder) -> list[tuple[str, str]]:
    """Return what the customer added to name and address: labels and texts."""
    return write_wishes(order)


@register.filter
def for_provider(address: str) -> str:
    """Return the mail address if the payment provider takes it, else ""."""
    return address if is_standard(address) else ""


@register.filter
def suggestion(address: str | None) -> str:
    """Return the address that was probably meant; "" if nothing looks wrong."""
    return suggest_address(address or "")


@register.filter
def store_name(chain: str) -> str:
    """Write a convenience store's name; one that the shop does not know as it is."""
    return str(_STORES.get(chain, chain))
