"""Filters that write what orders keep as keys: prefectures, deliveries, stores."""

from django import template
from django.utils.translation import gettext_lazy as _

from checkout.cart.models import Delivery
from checkout.cart.prefectures import Prefecture

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
def delivery(key: str) -> str:
    """Write a way of delivery in words; an unknown key as it is."""
    return str(Delivery(key).label) if key in Delivery.values else key


@register.filter
def store_name(chain: str) -> str:
    """Write a convenience store's name; one that the shop does not know as it is."""
    return str(_STORES.get(chain, chain))
