"""The checkout's pages for staff, one module a subject."""

from django.contrib import admin

from checkout.admin import (
    clients,
    events,
    mails,
    orders,
    reconciliation,
    shipping,
    stalled,
)

__all__ = [
    "clients",
    "events",
    "mails",
    "orders",
    "reconciliation",
    "shipping",
    "stalled",
]

admin.site.site_header = "Todoku"
admin.site.site_title = "Todoku"
