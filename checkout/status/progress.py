"""How far an order is, read from order, payment and saga, for customers and staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import OuterRef, Subquery
from django.utils.dateparse import parse_datetime

from checkout.payments import declines
from checkout.status.names import (
    AUTHORIZE,
    CAPTURE,
    FULFIL,
    RESERVE,
    SEND_CONFIRMATION,
)
from checkout.status.outcomes import Money, Outcome, money_of, outcome_of
from checkout.status.sagas import saga_of
from inventory.selectors import held_until
from orders.models import Cancellation, Order, Payment, PaymentAttempt, Shipment
from saga.definition import get_definition
from saga.models import Direction, Saga

# What the customer may do to cancel: at once, by asking staff, or nothing.
CancelWay = Literal["at_once", "ask", ""]
StepKey = Literal["stock", "payment", "preparation"]
StepState = Literal[
    "pending",
    "active",
    "retrying",
    "needs_you",
    "scheduled",
    "on_hold",
    "done",
    "given_back",
    "failed",
]

# The customer has to do something, and nothing is charged before.
NEEDS_CUSTOMER = ("needs_card", "needs_challenge", "needs_page", "needs_voucher")

# Some parcels have left, and others follow.
PARTLY_SENT = "partly_sent"
_REQUESTED = Cancellation.Status.REQUESTED

# What the customer sees of the saga: three steps for five.
_SHOWN: dict[StepKey, tuple[str, ...]] = {
    "stock": (RESERVE,),
    "payment": (AUTHORIZE, CAPTURE),
    "preparation": (FULFIL, SEND_CONFIRMATION),
}


@dataclass(frozen=True)
class ProgressStep:
    key: StepKey
    state: StepState


@dataclass(frozen=True)
class Progress:
    """How far an order is, as its customer may know it.

    ``version`` changes whenever anything shown does. ``deadline`` is until when the
    customer who is asked for something may pay, and ``goods_until`` until when the
    goods are set aside; None when they are not any more. ``shipment`` is the status of
    the shipment, ``wish`` that of the last cancellation; "" if there is none.
    """

    outcome: Outcome
    steps: tuple[ProgressStep, ...]
    decline: str
    deadline: datetime | None
    goods_until: datetime | None
    money: Money
    version: str
    is_final: bool
    cancel_reason: str
    shipment: str = ""
    wish: str = ""

    @property
    def paid(self) -> bool:
        """Whether we have the customer's money."""
        return self.money == "kept"

    @property
    def is_sent(self) -> bool:
        """Whether a parcel has left."""
        return self.shipment in (Shipment.Status.DISPATCHED, PARTLY_SENT)

    @property
    def is_being_packed(self) -> bool:
        """Whether the goods are to be sent: only then may a text say so."""
        is_due = self.shipment == Shipment.Status.REQUESTED
        is_asked = self.wish in (_REQUESTED, Cancellation.Status.ACCEPTED)
        return self.outcome == "done" and self.paid and is_due and not is_asked

    @property
    def cancel_way(self) -> CancelWay:
        """How the customer may cancel the order now."""
        if self.wish not in ("", Cancellation.Status.DECLINED):
            return ""
        if self.outcome in NEEDS_CUSTOMER:
            return "at_once"
        waits = self.shipment in (Shipment.Status.REQUESTED, Shipment.Status.HELD_BACK)
        is_unsent = self.outcome == "done" and self.paid and waits
        return "ask" if is_unsent or self.outcome == "accepted" else ""

    @property
    def decline_text(self) -> str:
        """Return what was wrong with the card, in the active language; or ""."""
        return declines.explain(self.decline) if self.decline else ""

    @property
    def goods_outlast(self) -> bool:
        """Whether the goods are set aside for as long as the customer may pay."""
        return bool(
            self.deadline and self.goods_until and self.goods_until >= self.deadline
        )

    @property
    def is_quiet(self) -> bool:
        """Whether nothing will change for hours or days, so that no page watches it."""
        return self.is_final or self.outcome in ("needs_voucher", "accepted")


def progress_of(order: Order) -> Progress:
    """Return how far ``order`` is now: three queries, four if the customer is asked."""
    saga = saga_of(order)
    rows = Payment.objects.select_related("order__shipment")
    payment = rows.annotate(wish=last_wish()).get(order_id=order.pk)
    attempt = payment.attempts.order_by("number").last()
    return describe(saga, payment, attempt, str(vars(payment)["wish"] or ""))


def last_wish() -> Subquery:
    """Return an expression for a payment: the status of its order's last cancellation.

    One that was declined counts only if none followed it.
    """
    rows = Cancellation.objects.filter(order=OuterRef("order_id")).order_by("-pk")
    return Subquery(rows.values("status")[:1])


def describe(
    saga: Saga, payment: Payment, attempt: PaymentAttempt | None, wish: str = ""
) -> Progress:
    """Return the progress that these rows show; ``attempt`` is the last one.

    ``wish`` is the status of the order's last cancellation.

    What the version depends on is listed in checkout/status/changes.py, too.
    """
    outcome = outcome_of(saga, payment, attempt, wish)
    money, shipment = money_of(payment), _shipment(payment.order)
    states = {key: _step_state(key, saga, outcome) for key in _SHOWN}
    states |= _states_after_charge(saga, outcome, money, shipment)
    steps = tuple(ProgressStep(key, state) for key, state in states.items())
    decline, tries = _decline(attempt)
    asked = outcome in ("needs_card", "needs_challenge", "needs_page")
    shown = [outcome, *(step.state for step in steps), payment.status, str(tries)]
    shown.append(money)
    shown += [payment.order.status, shipment, wish]
    return Progress(
        outcome=outcome,
        steps=steps,
        decline=decline if outcome == "needs_card" else "",
        deadline=_deadline(saga) if asked else None,
        goods_until=held_until(payment.order.number) if asked else None,
        money=money,
        version="-".join(shown),
        is_final=outcome in ("done", "cancelled"),
        cancel_reason=payment.order.cancel_reason,
        shipment=shipment,
        wish=wish,
    )


def _shipment(order: Order) -> str:
    """Return the status of the order's shipment, or PARTLY_SENT; "" without one."""
    if order.status == Order.Status.PENDING:
        return ""
    shipment = getattr(order, "shipment", None)
    if shipment is None:
        return ""
    return PARTLY_SENT if shipment.is_partly_shipped else shipment.status


def _states_after_charge(
    saga: Saga, outcome: Outcome, money: Money, shipment: str
) -> dict[StepKey, StepState]:
    """Return the steps whose state the checkout's saga does not tell any more."""
    if outcome == "cancelled" and saga.direction == Direction.DO:
        payment: StepState = "given_back" if money == "returned" else "done"
        return {"stock": "pending", "payment": payment, "preparation": "pending"}
    if outcome == "cancelling":
        return {"preparation": "pending"}
    if outcome != "done" or shipment in (Shipment.Status.DISPATCHED, PARTLY_SENT):
        return {}
    if money == "returned":
        return {"payment": "given_back", "preparation": "on_hold"}
    if shipment == Shipment.Status.HELD_BACK:
        return {"preparation": "on_hold"}
    return {}


def _step_state(key: StepKey, saga: Saga, outcome: Outcome) -> StepState:
    if outcome in ("done", "cancelling") and saga.direction == Direction.DO:
        return "done"
    definition = get_definition(saga.definition)
    names = [step.name for step in definition.along("")]
    shown = [names.index(name) for name in _SHOWN[key] if name in names]
    at = names.index(step) if (step := definition.today(saga.step)) in names else 0
    if saga.direction == Direction.UNDO:
        return _undone_state(key, saga)
    if at > shown[-1]:
        return "done"
    if at < shown[0]:
        return "pending"
    present: dict[Outcome, StepState] = {
        "needs_card": "needs_you",
        "needs_challenge": "needs_you",
        "needs_voucher": "needs_you",
        "needs_page": "needs_you",
        "accepted": "scheduled",
        "on_hold": "on_hold",
        "retrying": "retrying",
        "checking_bank": "retrying",
        "waiting_for_bank": "retrying",
    }
    return present.get(outcome, "active")


def _undone_state(key: StepKey, saga: Saga) -> StepState:
    """Return the state of a step of an order that is undone: none is shown as done."""
    failed = "stock" if saga.reason == Order.CancelReason.OUT_OF_STOCK else "payment"
    return "failed" if key == failed else "pending"


def _deadline(saga: Saga) -> datetime | None:
    until = saga.output(RESERVE).get("hold_until")
    return parse_datetime(until) if until else None


def _decline(attempt: PaymentAttempt | None) -> tuple[str, int]:
    if attempt is None:
        return "", 0
    return declines.kind_of(attempt.decline_code), attempt.number
