"""The checkout's pages for staff, one module a subject."""

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
