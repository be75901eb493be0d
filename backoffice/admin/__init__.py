"""The back office in the Django admin, one package a subject."""

from backoffice.admin.announcements import admin as announcements
from backoffice.admin.lists import clients, events, mails, sagas
from backoffice.admin.order import admin as orders
from backoffice.admin.reconciliation import admin as reconciliation
from backoffice.admin.refunds import admin as refunds
from backoffice.admin.refunds import disputes
from backoffice.admin.shipping import admin as shipping
from backoffice.admin.shortages import admin as shortages
from backoffice.admin.stalled import admin as stalled

__all__ = [
    "announcements",
    "clients",
    "disputes",
    "events",
    "mails",
    "orders",
    "reconciliation",
    "refunds",
    "sagas",
    "shipping",
    "shortages",
    "stalled",
]
