"""How and when customers pay, for the pages that staff write."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.payments.methods import CARD, KONBINI
from shop.pages.facts import Reader


def _methods() -> str:
    labels = {CARD: _("Credit or debit card"), KONBINI: _("Convenience store (cash)")}
    return "\n".join(
        labels[method] for method in settings.PAYMENT_METHODS if method in labels
    )


def _times() -> str:
    """Return when a customer pays, one line for each method."""
    lines = []
    if CARD in settings.PAYMENT_METHODS:
        lines.append(
            _("Card: charged when we ship your order.")
            if settings.CAPTURE == "shipment"
            else _("Card: charged when you place your order.")
        )
    if KONBINI in settings.PAYMENT_METHODS:
        text = ngettext(
            "Convenience store: pay by the end of the next day.",
            "Convenience store: pay within %(days)s days of your order.",
            settings.KONBINI_DAYS,
        )
        lines.append(text % {"days": settings.KONBINI_DAYS})
    return "\n".join(lines)


READERS: Mapping[str, Reader] = {"payment_methods": _methods, "payment_times": _times}
