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
    # An order that no process advances.
    SAGA_BEHIND = "saga_behind", _("the saga has not noticed")
    ORDER_LEFT_OPEN = "order_left_open", _("saga ended, order still open")
    ORDER_WITHOUT_SAGA = "order_without_saga", _("order without saga")
    # The stock and its ledger.
    LEDGER_DIFFERS = "ledger_differs", _("count and ledger differ")
    HELD_DIFFERS = "held_differs", _("held units and holds differ")
    HOLD_WITHOUT_SAGA = "hold_without_saga", _("hold without saga")
    HOLD_PASSING = "hold_passing", _("hold without saga, will expire")
    HOLD_LEFT_BEHIND = "hold_left_behind", _("hold of an ended order")
    PINNED_UNPAID = "pinned_unpaid", _("pinned hold of an unpaid order")
    MOVEMENT_WITHOUT_ORDER = "movement_without_order", _("movement without order")
    GOODS_WITHOUT_PAYMENT = "goods_without_payment", _("goods left, order not complete")
    GOODS_NOT_BOOKED = "goods_not_booked", _("complete, but goods not booked")

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
    Kind.CHARGED_STOPPED: Severity.NOTICE,
    Kind.HOLD_PASSING: Severity.NOTICE,
}
NOTICES = [kind for kind in Kind if kind.severity is Severity.NOTICE]
OF_REFUNDS = [
    Kind.REFUND_UNKNOWN_HERE,
    Kind.REFUND_UNKNOWN_THERE,
    Kind.REFUND_AMOUNT_DIFFERS,
    Kind.REFUND_STATE_DIFFERS,
]
OF_DISPUTES = [Kind.DISPUTE_UNKNOWN_HERE, Kind.DISPUTE_STATE_DIFFERS]
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
]
