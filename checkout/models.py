"""The models of the checkout's rooms, where Django looks for them."""

from checkout.accounting.models import AccountMovement, AccountReading
from checkout.aftersales.warehouse.models import (
    WarehouseOrder,
    WarehouseProblem,
    WarehouseReport,
)
from checkout.announcements.models import Announcement
from checkout.card_testing.models import Client
from checkout.cart.models import Cart, CartLine, TemporaryOrder
from checkout.contact.models import Enquiry, EnquiryAnswer
from checkout.mail.models import OrderMail
from checkout.paper.models import IssuedPaper
from checkout.postcodes.models import PostcodeArea
from checkout.promotions.models import (
    CouponCode,
    CustomerTurn,
    Discount,
    DiscountUse,
    LimitedPurchase,
    PurchaseLimit,
    WrongCode,
)
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.restock.models import RestockRequest
from checkout.shipping.models import (
    DeliveryCountry,
    PickupPlace,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    SpecialDay,
    UnservedPrefecture,
    WorkingCalendar,
    ZonePrefecture,
    ZoneTransit,
)
from checkout.statistics.models import OrderSales, SalesFigure, StatisticsBuild
from checkout.stream.models import LowStock
from checkout.waiting_room.models import Ticket, WaitingRoom
from checkout.webhooks.models import ProviderEvent, WebhookProblem

__all__ = [
    "AccountMovement",
    "AccountReading",
    "Announcement",
    "Cart",
    "CartLine",
    "Client",
    "CouponCode",
    "CustomerTurn",
    "DeliveryCountry",
    "Discount",
    "DiscountUse",
    "Enquiry",
    "EnquiryAnswer",
    "IssuedPaper",
    "LimitedPurchase",
    "LowStock",
    "Mismatch",
    "OrderMail",
    "OrderSales",
    "PickupPlace",
    "PostcodeArea",
    "ProviderEvent",
    "PurchaseLimit",
    "ReconciliationRun",
    "RestockRequest",
    "SalesFigure",
    "ShippingMethod",
    "ShippingRate",
    "ShippingZone",
    "SpecialDay",
    "StatisticsBuild",
    "TemporaryOrder",
    "Ticket",
    "UnservedPrefecture",
    "WaitingRoom",
    "WarehouseOrder",
    "WarehouseProblem",
    "WarehouseReport",
    "WebhookProblem",
    "WorkingCalendar",
    "WrongCode",
    "ZonePrefecture",
    "ZoneTransit",
]
