"""The states in which an order may be, and how it gets there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from checkout.aftersales import dispatch
from checkout.aftersales.refunds.services import request_refund, settle
from checkout.aftersales.shortages import services as shortages
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, VOUCHER
from checkout.payments.refunds_and_disputes import RefundStatus
from inventory import services as inventory
from inventory.models import StockItem
from orders.models import Refund
from saga.engine import run
from saga.models import State as SagaState
from saga.operations import cancel, resume
from tests.dashboard_matrix.world import PART, SKU, TOTAL, World
from tests.support.commands import stop_at
from tests.support.refunding import wish
from tests.support.shortages import report

DECLINED = "pm_card_visa_chargeDeclined"
AT_ONCE, AT_SHIPMENT = "immediately", "shipment"
_NOT_NOW = provider.NotNow("patience")
_REFUSED = provider.Refused("parameter unknown")


class Phase(Enum):
    """What there is of the payment at the provider."""

    NOTHING = "no payment there"
    UNCONFIRMED = "no card accepted"
    ASKING = "the customer is asked"
    APPROVED = "approved, not charged"
    CHARGED = "charged"
    CASH = "paid in cash"
    PARTLY_REFUNDED = "charged, partly refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    VOIDED = "voided"


@dataclass(frozen=True)
class State:
    """``capture``: when a card is charged; empty for both ways."""

    name: str
    title: str
    phase: Phase
    reach: Callable[[World], object]
    capture: str = ""

    @property
    def captures(self) -> tuple[str, ...]:
        return (self.capture,) if self.capture else (AT_ONCE, AT_SHIPMENT)


def _approved(world: World) -> None:
    """Have the order approved; one that is charged at shipment is released."""
    saga = world.buy()
    if dispatch.is_releasable(saga, world.payment):
        dispatch.release(world.order, "yuki")
        run(saga.pk)


def _completed(world: World) -> None:
    _approved(world)
    assert world.saga.state == SagaState.DONE


def _unconfirmed(world: World) -> None:
    world.gateway.fail("confirm", _NOT_NOW)
    world.buy()


def _charging(world: World) -> None:
    world.gateway.fail("capture", _NOT_NOW)
    _approved(world)


def _stopped_unapproved(world: World) -> None:
    world.gateway.fail("confirm", _REFUSED)
    world.buy()


def _stopped_approved(world: World) -> None:
    world.gateway.fail("confirm", _REFUSED, after=True)
    world.buy()


def _stopped_uncharged(world: World) -> None:
    world.gateway.fail("capture", _REFUSED)
    _approved(world)


def _stopped_charged(world: World) -> None:
    world.gateway.fail("capture", _REFUSED, after=True)
    _approved(world)


def _lose_goods(world: World) -> None:
    """Take the goods of the order away, as a correction of the count may."""
    inventory.release(world.order.number)
    free = StockItem.objects.get(sku=SKU).free
    inventory.adjust(SKU, -free, "count", "broken", "yuki")


def _preparing(world: World) -> None:
    """Charge the order; no worker has taken its goods from stock yet."""
    saga = world.place()
    for link in ("checkout.reserve_stock", "checkout.take_payment"):
        run(saga.pk, link)
    if dispatch.is_releasable(world.saga, world.payment):
        dispatch.release(world.order, "yuki")
        run(saga.pk, "checkout.take_payment")


def _stopped_without_goods(world: World) -> None:
    world.gateway.meanwhile("capture", lambda: _lose_goods(world))
    _approved(world)


def _stopped_at_other_amount(world: World) -> None:
    world.gateway.meanwhile(
        "capture",
        lambda: world.gateway.capture_elsewhere(world.intent_id, TOTAL - PART),
        after=False,
    )
    _approved(world)


def _mail_stopped(world: World) -> None:
    _completed(world)
    stop_at(world.saga, "send_confirmation")


def _held_back(world: World) -> None:
    _completed(world)
    shortages.record(world.order, report(world.order, {SKU: 1}), shelf_is_empty=False)


def _shipped(world: World) -> None:
    _completed(world)
    _ship(world)


def _ship(world: World) -> None:
    dispatch.ship(world.order, carrier="yamato", tracking_number="1", actor="yuki")


def _request(world: World, amount: int) -> Refund:
    return request_refund(world.order, wish(world.order, amount))


def _refund_requested(world: World) -> None:
    _completed(world)
    world.gateway.fail("refund", _NOT_NOW)
    settle(_request(world, PART).pk)


def _refund_pending(world: World) -> None:
    _completed(world)
    world.gateway.next_refund = RefundStatus.PENDING
    settle(_request(world, PART).pk)


def _partly_refunded(world: World) -> None:
    _completed(world)
    settle(_request(world, PART).pk)


def _refunded(world: World) -> None:
    _completed(world)
    settle(_request(world, TOTAL).pk)


def _called_off(world: World) -> None:
    _refunded(world)
    dispatch.call_off(world.order, "yuki", "refunded")


def _refunded_and_cancelled(world: World) -> None:
    _stopped_without_goods(world)
    settle(_request(world, TOTAL).pk)
    resume(world.saga, "yuki", "look")
    run(world.saga.pk)


def _disputed(world: World) -> None:
    _completed(world)
    name = world.gateway.open_dispute(world.intent_id)
    world.tell("charge.dispute.created", thing=name)
    world.learn("webhook")


def _cancelled(world: World) -> None:
    saga = world.buy(CHALLENGED)
    cancel(saga, "yuki", "the customer called")
    run(saga.pk)


def _cancelling(world: World) -> None:
    world.gateway.fail("cancel", _NOT_NOW)
    _begin_to_cancel(world)


def _stopped_cancelling(world: World) -> None:
    world.gateway.fail("cancel", _REFUSED)
    _begin_to_cancel(world)


def _begin_to_cancel(world: World) -> None:
    """Have an approved order cancelled, before its charge."""
    _stopped_approved(world)
    cancel(world.saga, "yuki", "the customer called")
    run(world.saga.pk)


def _expired(world: World) -> None:
    saga = world.buy(CHALLENGED)
    world.clock.shift(timedelta(hours=2).total_seconds())
    world.drive()
    saga.refresh_from_db()


def _voucher_lapsed(world: World) -> None:
    world.buy(VOUCHER)
    world.gateway.let_voucher_lapse(world.intent_id)


def _paid_in_cash(world: World) -> None:
    saga = world.buy(VOUCHER)
    world.gateway.pay_voucher(world.intent_id)
    world.tell("payment_intent.succeeded")
    world.learn("webhook")
    saga.refresh_from_db()


def _lapsed(world: World) -> None:
    world.buy()
    world.gateway.lapse(world.intent_id)
    world.tell("payment_intent.canceled")
    world.learn("webhook")


STATES = (
    State("placed", "placed, nothing begun", Phase.NOTHING, World.place),
    State(
        "unconfirmed", "no answer about the card yet", Phase.UNCONFIRMED, _unconfirmed
    ),
    State(
        "challenged", "waits for 3-D Secure", Phase.ASKING, lambda w: w.buy(CHALLENGED)
    ),
    State(
        "declined",
        "waits for another card",
        Phase.UNCONFIRMED,
        lambda w: w.buy(DECLINED),
    ),
    State(
        "voucher", "waits for cash at a store", Phase.ASKING, lambda w: w.buy(VOUCHER)
    ),
    State(
        "voucher_lapsed", "the voucher has lapsed", Phase.UNCONFIRMED, _voucher_lapsed
    ),
    State(
        "held",
        "approved, waits for the shipment",
        Phase.APPROVED,
        World.buy,
        AT_SHIPMENT,
    ),
    State("charging", "approved, the charge is under way", Phase.APPROVED, _charging),
    State(
        "stopped_unapproved",
        "stopped, not approved",
        Phase.UNCONFIRMED,
        _stopped_unapproved,
    ),
    State(
        "stopped_approved",
        "stopped before the charge, approved",
        Phase.APPROVED,
        _stopped_approved,
    ),
    State(
        "stopped_uncharged",
        "stopped at the charge, not charged",
        Phase.APPROVED,
        _stopped_uncharged,
    ),
    State(
        "stopped_charged",
        "stopped at the charge, charged",
        Phase.CHARGED,
        _stopped_charged,
    ),
    State(
        "other_amount",
        "stopped, another amount was charged",
        Phase.CHARGED,
        _stopped_at_other_amount,
    ),
    State("preparing", "charged, being prepared", Phase.CHARGED, _preparing),
    State(
        "stopped_goods",
        "stopped after the charge, the goods are gone",
        Phase.CHARGED,
        _stopped_without_goods,
    ),
    State("mail_stopped", "completed, the mail stopped", Phase.CHARGED, _mail_stopped),
    State("completed", "completed, waits for dispatch", Phase.CHARGED, _completed),
    State("held_back", "completed, goods are missing", Phase.CHARGED, _held_back),
    State("shipped", "shipped", Phase.CHARGED, _shipped),
    State(
        "refund_requested",
        "a refund is requested, not sent",
        Phase.CHARGED,
        _refund_requested,
    ),
    State(
        "refund_pending",
        "a refund is on its way",
        Phase.PARTLY_REFUNDED,
        _refund_pending,
    ),
    State(
        "partly_refunded", "partly refunded", Phase.PARTLY_REFUNDED, _partly_refunded
    ),
    State("refunded", "refunded, waits for dispatch", Phase.REFUNDED, _refunded),
    State("called_off", "refunded, called off", Phase.REFUNDED, _called_off),
    State(
        "refunded_cancelled",
        "refunded and cancelled",
        Phase.REFUNDED,
        _refunded_and_cancelled,
    ),
    State("disputed", "completed, disputed", Phase.DISPUTED, _disputed),
    State("cash", "paid in cash, completed", Phase.CASH, _paid_in_cash),
    State("cancelling", "being cancelled", Phase.APPROVED, _cancelling),
    State(
        "stopped_cancelling",
        "stopped while being cancelled",
        Phase.APPROVED,
        _stopped_cancelling,
    ),
    State("cancelled", "cancelled", Phase.VOIDED, _cancelled),
    State("expired", "expired unpaid", Phase.VOIDED, _expired),
    State("lapsed", "the approval lapsed", Phase.VOIDED, _lapsed, AT_SHIPMENT),
)
