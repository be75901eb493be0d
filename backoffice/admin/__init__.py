"""The back office in the Django admin, one package a subject."""

from backoffice.admin.announcements import admin as announcements
from backoffice.admin.cancellations import admin as cancellations
from backoffice.admin.card_testing import admin as card_testing
from backoffice.admin.customers import admin as customers
from backoffice.admin.daily_closes import admin as daily_closes
from backoffice.admin.disputes import admin as disputes
from backoffice.admin.endpoints import admin as endpoints
from backoffice.admin.enquiries import admin as enquiries
from backoffice.admin.erasures import admin as erasures
from backoffice.admin.events import admin as events
from backoffice.admin.flows import admin as flows
from backoffice.admin.goods_sheet import admin as goods_sheet
from backoffice.admin.mail import admin as mail
from backoffice.admin.order import admin as order
from backoffice.admin.packing import admin as packing
from backoffice.admin.pages import admin as pages
from backoffice.admin.papers import admin as papers
from backoffice.admin.people import admin as people
from backoffice.admin.price_campaigns import admin as price_campaigns
from backoffice.admin.product_imports import admin as product_imports
from backoffice.admin.profile import admin as profile
from backoffice.admin.promotions import admin as promotions
from backoffice.admin.reconciliation import admin as reconciliation
from backoffice.admin.refunds import admin as refunds
from backoffice.admin.reports import admin as reports
from backoffice.admin.restock import admin as restock
from backoffice.admin.returns import admin as returns
from backoffice.admin.saga import admin as saga
from backoffice.admin.shipping_rates import admin as shipping_rates
from backoffice.admin.shortages import admin as shortages
from backoffice.admin.stalled import admin as stalled
from backoffice.admin.stock_takes import admin as stock_takes
from backoffice.admin.tokens import admin as tokens
from backoffice.admin.waiting_rooms import admin as waiting_rooms
from backoffice.admin.warehouse import admin as warehouse
from backoffice.admin.webhooks import admin as webhooks

__all__ = [
    "announcements",
    "cancellations",
    "card_testing",
    "customers",
    "daily_closes",
    "disputes",
    "endpoints",
    "enquiries",
    "erasures",
    "events",
    "flows",
    "goods_sheet",
    "mail",
    "order",
    "packing",
    "pages",
    "papers",
    "people",
    "price_campaigns",
    "product_imports",
    "profile",
    "promotions",
    "reconciliation",
    "refunds",
    "reports",
    "restock",
    "returns",
    "saga",
    "shipping_rates",
    "shortages",
    "stalled",
    "stock_takes",
    "tokens",
    "waiting_rooms",
    "warehouse",
    "webhooks",
]
