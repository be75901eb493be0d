"""Filters that write what orders keep as keys: prefectures and ways of delivery."""

from django import template

from checkout.models import Delivery
from checkout.prefectures import Prefecture

register = template.Library()


@register.filter
def prefecture(key: str) -> str:
    """Write a prefecture's name; an unknown key (an imported order's) as it is."""
    return str(Prefecture(key).label) if key in Prefecture.values else key


@register.filter
def delivery(key: str) -> str:
    """Write a way of delivery in words; an unknown key as it is."""
    return str(Delivery(key).label) if key in Delivery.values else key
