"""The back office in the Django admin, one package a subject."""

from backoffice.admin.announcements import admin as announcements
from backoffice.admin.card_testing import admin as card_testing
from backoffice.admin.disputes import admin as disputes
from backoffice.admin.mail import admin as mail
from backoffice.admin.order import admin as order
from backoffice.admin.reconciliation import admin as reconciliation
from backoffice.admin.refunds import admin as refunds
from backoffice.admin.saga import admin as saga
from backoffice.admin.shipping_rates import admin as shipping_rates
from backoffice.admin.shortages import admin as shortages
from backoffice.admin.stalled import admin as stalled
from backoffice.admin.webhooks import admin as webhooks

__all__ = [
    "announcements",
    "card_testing",
    "disputes",
    "mail",
    "order",
    "reconciliation",
    "refunds",
    "saga",
    "shipping_rates",
    "shortages",
    "stalled",
    "webhooks",
]
