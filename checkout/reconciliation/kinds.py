"""The kinds of mismatch between Stripe, payments, orders and the stock's ledger."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(Enum):
    """How soon staff should look at it."""

    URGENT = "urgent"
    NORMAL = "normal"
    # Staff know it already, or it passes by itself: it is shown, without an alert.
    NOTICE = "notice"


class Kind(models.TextChoices):
    # Money at Stripe that our books do not explain.
    CHARGE_WITHOUT_ORDER = "charge_without_order", _("charge without order")
    OPEN_WITHOUT_ORDER = "open_without_order", _("authorisation without order")
    TWO_CHARGES = "two_charges", _("two charges for one order")
    CHARGED_ELSEWHERE = "charged_elsewhere", _("charged on another payment intent")
    SECOND_AUTHORISATION = "second_authorisation", _("second authorisation")
    CHARGE_NOT_RECORDED = "charge_not_recorded", _("charge not recorded")
    CHARGED_NOT_COMPLETED = "charged_not_completed", _("charged, not completed")
    CHARGED_BUT_CANCELLED = "charged_but_cancelled", _("charged, but cancelled")
    CHARGED_STOPPED = "charged_stopped", _("charged, the order is stopped")
    OPEN_FOR_CANCELLED = "open_for_cancelled", _("open payment of a cancelled order")
    # Our books say something that Stripe does not.
    ORDER_WITHOUT_CHARGE = "order_without_charge", _("order without charge")
    PAYMENT_UNKNOWN_THERE = "payment_unknown_there", _("payment unknown at Stripe")
    AMOUNT_DIFFERS = "amount_differs", _("amount differs")
    CURRENCY_DIFFERS = "currency_differs", _("currency differs")
    # Money that went back.
    REFUND_UNKNOWN_HERE = "refund_unknown_here", _("refund unknown here")
    REFUND_UNKNOWN_THERE = "refund_unknown_there", _("refund unknown at Stripe")
    REFUND_AMOUNT_DIFFERS = "refund_amount_differs", _("amount of a refund differs")
    REFUND_STATE_DIFFERS = "refund_state_differs", _("state of a refund differs")
    DISPUTE_UNKNOWN_HERE = "dispute_unknown_here", _("dispute unknown here")
    DISPUTE_STATE_DIFFERS = "dispute_state_differs", _("state of a dispute differs")
    # What Stripe has and this version cannot read, so that it was not compared.
    UNREADABLE_PAYMENT = "unreadable_payment", _("payment cannot be read")
    UNREADABLE_REFUND = "unreadable_refund", _("refund cannot be read")
    UNREADABLE_DISPUTE = "unreadable_dispute", _("dispute cannot be read")
    # An order that no process advances.
    SAGA_BEHIND = "saga_behind", _("not noticed by order processing")
    PAYMENT_BEHIND = "payment_behind", _("void not recorded")
    ORDER_LEFT_OPEN = "order_left_open", _("processing ended, order still open")
    ORDER_WITHOUT_SAGA = "order_without_saga", _("order without processing")
    # The stock and its ledger.
    LEDGER_DIFFERS = "ledger_differs", _("count and ledger differ")
    HELD_DIFFERS = "held_differs", _("held units and holds differ")
    HOLD_WITHOUT_SAGA = "hold_without_saga", _("hold without an order in process")
    HOLD_PASSING = "hold_passing", _("hold without an order in process, will expire")
    HOLD_LEFT_BEHIND = "hold_left_behind", _("hold of an ended order")
    PINNED_UNPAID = "pinned_unpaid", _("pinned hold of an unpaid order")
    MOVEMENT_WITHOUT_ORDER = "movement_without_order", _("movement without order")
    GOODS_WITHOUT_PAYMENT = "goods_without_payment", _("goods left, order not complete")
    GOODS_NOT_BOOKED = "goods_not_booked", _("complete, but goods not booked")
    RETURN_NOT_BOOKED = "return_not_booked", _("came back, but not booked")
    STOCK_WITHOUT_PRODUCT = "stock_without_product", _("stock without product")
    PRODUCT_WITHOUT_STOCK = "product_without_stock", _("product the stock lacks")
    # The warehouse, where a system of its own sends the parcels.
    NOT_AT_WAREHOUSE = "not_at_warehouse", _("paid, not at the warehouse")
    UNKNOWN_TO_SHOP = "unknown_to_shop", _("at the warehouse, not requested")
    SENT_TWICE = "sent_twice", _("more shipped than requested")
    SHIPPED_UNPAID = "shipped_unpaid", _("shipped, not paid")
    SHIPMENT_BEHIND = "shipment_behind", _("shipped, not recorded here")
    WAREHOUSE_NOT_COMPARED = "warehouse_not_compared", _("warehouse not compared")

    @property
    def severity(self) -> Severity:
        return _SEVERITIES.get(self, Severity.NORMAL)


@dataclass(frozen=True)
class Finding:
    """One mismatch before it is recorded.

    ``facts`` are the numbers and names from which its sentence is made, as JSON.
    """

    kind: Kind
    subject: str
    order_number: str = ""
    intent_id: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


_SEVERITIES = {
    Kind.CHARGE_WITHOUT_ORDER: Severity.URGENT,
    Kind.TWO_CHARGES: Severity.URGENT,
    Kind.CHARGED_ELSEWHERE: Severity.URGENT,
    Kind.CHARGE_NOT_RECORDED: Severity.URGENT,
    Kind.CHARGED_NOT_COMPLETED: Severity.URGENT,
    Kind.CHARGED_BUT_CANCELLED: Severity.URGENT,
    Kind.ORDER_WITHOUT_CHARGE: Severity.URGENT,
    Kind.AMOUNT_DIFFERS: Severity.URGENT,
    Kind.CURRENCY_DIFFERS: Severity.URGENT,
    Kind.REFUND_UNKNOWN_THERE: Severity.URGENT,
    Kind.REFUND_AMOUNT_DIFFERS: Severity.URGENT,
    Kind.DISPUTE_UNKNOWN_HERE: Severity.URGENT,
    Kind.ORDER_WITHOUT_SAGA: Severity.URGENT,
    Kind.GOODS_WITHOUT_PAYMENT: Severity.URGENT,
    Kind.NOT_AT_WAREHOUSE: Severity.URGENT,
    Kind.SENT_TWICE: Severity.URGENT,
    Kind.SHIPPED_UNPAID: Severity.URGENT,
    Kind.CHARGED_STOPPED: Severity.NOTICE,
    Kind.HOLD_PASSING: Severity.NOTICE,
    # Goods that are announced before they come in.
    Kind.PRODUCT_WITHOUT_STOCK: Severity.NOTICE,
}
NOTICES = [kind for kind in Kind if kind.severity is Severity.NOTICE]
OF_REFUNDS = [
    Kind.REFUND_UNKNOWN_HERE,
    Kind.REFUND_UNKNOWN_THERE,
    Kind.REFUND_AMOUNT_DIFFERS,
    Kind.REFUND_STATE_DIFFERS,
]
OF_DISPUTES = [Kind.DISPUTE_UNKNOWN_HERE, Kind.DISPUTE_STATE_DIFFERS]
UNREADABLE = [
    Kind.UNREADABLE_PAYMENT,
    Kind.UNREADABLE_REFUND,
    Kind.UNREADABLE_DISPUTE,
]
# Found again and again until the payment itself is read, which records it.
OF_PAYMENTS = [
    Kind.CHARGE_NOT_RECORDED,
    Kind.CHARGED_STOPPED,
    Kind.AMOUNT_DIFFERS,
    Kind.REFUND_UNKNOWN_HERE,
    Kind.PAYMENT_BEHIND,
]
# About goods, not about money: every run checks all of them.
OF_GOODS = [
    Kind.LEDGER_DIFFERS,
    Kind.HELD_DIFFERS,
    Kind.HOLD_WITHOUT_SAGA,
    Kind.HOLD_PASSING,
    Kind.HOLD_LEFT_BEHIND,
    Kind.PINNED_UNPAID,
    Kind.MOVEMENT_WITHOUT_ORDER,
    Kind.GOODS_WITHOUT_PAYMENT,
    Kind.GOODS_NOT_BOOKED,
    Kind.RETURN_NOT_BOOKED,
    Kind.STOCK_WITHOUT_PRODUCT,
    Kind.PRODUCT_WITHOUT_STOCK,
]
# About parcels: what the warehouse has and what was requested.
OF_WAREHOUSE = [
    Kind.NOT_AT_WAREHOUSE,
    Kind.UNKNOWN_TO_SHOP,
    Kind.SENT_TWICE,
    Kind.SHIPPED_UNPAID,
    Kind.SHIPMENT_BEHIND,
    Kind.WAREHOUSE_NOT_COMPARED,
]
# A payment at Stripe, compared with its order.
OF_INTENTS = [
    kind
    for kind in Kind
    if kind not in {*OF_GOODS, *OF_WAREHOUSE, *OF_REFUNDS, *OF_DISPUTES, *UNREADABLE}
]
