"""The checkout's pages for staff, one module a subject."""

from django.contrib import admin

from checkout.admin import (
    clients,
    disputes,
    events,
    mails,
    orders,
    pausing,
    reconciliation,
    refunds,
    shipping,
    shortages,
    stalled,
)

__all__ = [
    "clients",
    "disputes",
    "events",
    "mails",
    "orders",
    "pausing",
    "reconciliation",
    "refunds",
    "shipping",
    "shortages",
    "stalled",
]

admin.site.site_header = "Todoku"
admin.site.site_title = "Todoku"
