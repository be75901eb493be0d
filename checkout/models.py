"""The models of the checkout's rooms, where Django looks for them."""

from checkout.announcements.models import Announcement
from checkout.card_testing.models import Client
from checkout.cart.models import (
    Cart,
    CartLine,
    ShippingTerms,
    ShippingZone,
    TemporaryOrder,
    ZonePrefecture,
)
from checkout.mail.models import OrderMail
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.webhooks.models import ProviderEvent

__all__ = [
    "Announcement",
    "Cart",
    "CartLine",
    "Client",
    "Mismatch",
    "OrderMail",
    "ProviderEvent",
    "ReconciliationRun",
    "ShippingTerms",
    "ShippingZone",
    "TemporaryOrder",
    "ZonePrefecture",
]
