"""Orders and what happens to them, one module for each subject.

``orders.transitions`` is the only writer of any status.
"""

from orders.models.attempt import PaymentAttempt, Voucher
from orders.models.dispute import Dispute
from orders.models.order import Order, OrderEvent, OrderLine, new_number
from orders.models.payment import Payment
from orders.models.refund import Refund, RefundLine
from orders.models.shipment import Carrier, Shipment
from orders.models.shortage import Shortage, ShortageLine, Substitute

__all__ = [
    "Carrier",
    "Dispute",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Payment",
    "PaymentAttempt",
    "Refund",
    "RefundLine",
    "Shipment",
    "Shortage",
    "ShortageLine",
    "Substitute",
    "Voucher",
    "new_number",
]
