"""Scopes of tokens: what a token may be used for, of all that its owner may do.

A scope gives nothing. It lets permissions of the owner through, and only those that it
names. No scope lets ``orders.refund`` through: money goes back by a person's hand
(docs/adr/0011, docs/adr/0089).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice import permissions


class Scope(models.TextChoices):
    ORDERS_READ = "orders:read", _("read orders and how they are processed")
    ORDERS_RESUME = "orders:resume", _("resume stalled orders")
    ORDERS_RELEASE = "orders:release", _("release orders for shipping: it charges")
    ORDERS_CANCEL = "orders:cancel", _("cancel orders of which nothing is refunded")
    FULFILMENT_WRITE = (
        "fulfilment:write",
        _("ship parcels, lay pick-ups ready, correct tracking numbers"),
    )
    STOCK_READ = "stock:read", _("read the stock")
    STOCK_WRITE = "stock:write", _("receive goods and adjust counts")
    CUSTOMERS_READ = "customers:read", _("read recipients of orders, and accounts")


# Scope -> the permissions of the owner that it lets through.
PERMISSIONS: dict[Scope, tuple[str, ...]] = {
    Scope.ORDERS_READ: (permissions.VIEW_ORDER,),
    Scope.ORDERS_RESUME: (permissions.RESUME_STALLED,),
    Scope.ORDERS_RELEASE: (permissions.RELEASE_ORDER,),
    Scope.ORDERS_CANCEL: (permissions.DECIDE_CANCELLATION,),
    Scope.FULFILMENT_WRITE: (permissions.SHIP_ORDER, permissions.CORRECT_ORDER),
    Scope.STOCK_READ: (permissions.VIEW_STOCK,),
    Scope.STOCK_WRITE: (permissions.CHANGE_STOCK,),
    Scope.CUSTOMERS_READ: (permissions.VIEW_ORDER, permissions.VIEW_CUSTOMER),
}
