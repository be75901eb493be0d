"""Orders and what happens to them, one module for each subject.

``orders.transitions`` is the only writer of any status.
"""

from orders.models.attempt import PaymentAttempt, Voucher
from orders.models.cancellation import Cancellation
from orders.models.carrier import Carrier
from orders.models.change import OrderChange
from orders.models.dispute import Dispute
from orders.models.event import OrderEvent
from orders.models.exchange import Exchange
from orders.models.line import OrderLine
from orders.models.number import new_number
from orders.models.order import GivenDiscount, Order
from orders.models.parcel import Parcel, ParcelLine, tracking_key
from orders.models.payment import Payment
from orders.models.payment_page import PaymentPage
from orders.models.refund import Refund, RefundLine
from orders.models.return_photo import ReturnPhoto
from orders.models.returns import Return, ReturnLine
from orders.models.shipment import Shipment, is_not_packed
from orders.models.shortage import Shortage, ShortageLine, Substitute
from orders.models.wishes import BILLING, WISHES, Gift, Wishes, wishes_of

__all__ = [
    "BILLING",
    "WISHES",
    "Cancellation",
    "Carrier",
    "Dispute",
    "Exchange",
    "Gift",
    "GivenDiscount",
    "Order",
    "OrderChange",
    "OrderEvent",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "Payment",
    "PaymentAttempt",
    "PaymentPage",
    "Refund",
    "RefundLine",
    "Return",
    "ReturnLine",
    "ReturnPhoto",
    "Shipment",
    "Shortage",
    "ShortageLine",
    "Substitute",
    "Voucher",
    "Wishes",
    "is_not_packed",
    "new_number",
    "tracking_key",
    "wishes_of",
]
