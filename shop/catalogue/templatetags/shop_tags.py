"""Filters of the shop's templates: price tags, time zones, accessible form fields."""

import json
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from shop import formatting
from shop.formatting import zone_name
from shop.money import Money

register = template.Library()


@register.filter
def money(amount: Money | int | None) -> str:
    """Write an amount (or minor units of the shop's currency) as a price tag."""
    if amount is None:
        return ""
    if isinstance(amount, int):
        amount = Money(amount, settings.CURRENCY)
    return amount.format(get_language() or "en")


@register.filter
def date_and_time(when: datetime) -> str:
    """Write a time with its date and its zone."""
    return formatting.date_and_time(when)


@register.filter
def zone(when: datetime) -> str:
    """Write the time zone in which templates show the time ``when``."""
    return zone_name(when)


@register.filter
def described_by(field: BoundField) -> str:
    """Return the ids of the field's hint and error, as aria-describedby wants them."""
    parts = []
    if field.help_text:
        parts.append(f"{field.auto_id}_helptext")
    if field.errors:
        parts.append(f"{field.auto_id}_error")
    return " ".join(parts)


@register.filter
def described(field: BoundField) -> SafeString:
    """Render the field's widget, bound to its hint and error for screen readers."""
    attributes: dict[str, str | bool] = {}
    ids = described_by(field)
    if ids:
        attributes["aria-describedby"] = ids
    if field.errors:
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)


@register.filter
def first_input_id(field: BoundField) -> str:
    """Return the id that an error's link should jump to: the first of a radio group."""
    if field.use_fieldset:
        return next((str(choice.id_for_label) for choice in field), str(field.auto_id))
    return str(field.id_for_label)


# What would end the element, or begin a comment in it.
_IN_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@register.filter
def json_ld(described: Any) -> SafeString:
    """Write data for search engines. Browsers run no script of this type.

    The content security policy forbids scripts in pages; it does not concern data.
    """
    text = json.dumps(described, ensure_ascii=False).translate(_IN_JSON)
    element = f'<script type="application/ld+json">{text}</script>'
    return mark_safe(element)  # noqa: S308
