"""What people do on the provider's own pages, and what may happen to it there."""

from collections.abc import Callable
from dataclasses import dataclass

from checkout.payments.gateway import Intent
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus
from tests.dashboard_matrix.world import PART, World


@dataclass(frozen=True)
class Act:
    """One act, or one way of acts, at the provider.

    ``do`` gets how the shop learns of what comes before the last act of a way.
    """

    name: str
    title: str
    do: Callable[[World, str], None]


def _intent(world: World) -> Intent:
    intent = world.intent
    assert intent is not None, "there is no payment at the provider"
    return intent


def _capture(world: World, _way: str) -> None:
    world.gateway.capture_elsewhere(world.intent_id)
    world.tell("payment_intent.succeeded", "charge.captured")


def _capture_part(world: World, _way: str) -> None:
    world.gateway.capture_elsewhere(world.intent_id, PART)
    world.tell("payment_intent.succeeded", "charge.captured", "charge.refunded")


def _capture_again(world: World, way: str) -> None:
    _capture_part(world, way)
    world.gateway.capture_elsewhere(world.intent_id, PART)


def _capture_and_refund(world: World, way: str) -> None:
    _capture(world, way)
    _refund(world, way)


def _cancel(world: World, _way: str) -> None:
    world.gateway.cancel_elsewhere(world.intent_id)
    world.tell("payment_intent.canceled")


def _refund(world: World, _way: str) -> None:
    intent = _intent(world)
    _give_back(world, intent.received - intent.refunded)


def _refund_part(world: World, _way: str) -> None:
    _give_back(world, PART)


def _refund_twice(world: World, way: str) -> None:
    _refund_part(world, way)
    _refund_part(world, way)


def _give_back(world: World, amount: int) -> None:
    if _intent(world).method == "konbini":
        # The customer is asked for a bank account first.
        world.gateway.next_refund = RefundStatus.NEEDS_CUSTOMER
    refund = world.gateway.refund_elsewhere(world.intent_id, amount)
    world.tell("refund.created", "charge.refunded", thing=refund.id)


def _refund_fails(world: World, way: str) -> None:
    live = [
        one
        for one in world.gateway.refunds.values()
        if one.status not in (RefundStatus.FAILED, RefundStatus.CANCELED)
    ]
    if not live:
        _refund(world, way)
        world.learn(way)
        live = list(world.gateway.refunds.values())
    world.gateway.settle_refund(live[-1].id, RefundStatus.FAILED, "account_closed")
    world.tell("refund.failed", "charge.refund.updated", thing=live[-1].id)


def _dispute(world: World, _way: str) -> None:
    name = world.gateway.open_dispute(world.intent_id)
    world.tell("charge.dispute.created", thing=name)


def _decide(status: DisputeStatus) -> Callable[[World, str], None]:
    def decide(world: World, way: str) -> None:
        if not world.gateway.disputes:
            _dispute(world, way)
            world.learn(way)
        (name,) = world.gateway.disputes
        world.gateway.decide_dispute(name, status)
        world.tell("charge.dispute.closed", thing=name)

    return decide


CAPTURE = Act("capture", "charge the whole", _capture)
CAPTURE_PART = Act("capture_part", "charge a part", _capture_part)
CAPTURE_AGAIN = Act("capture_again", "charge a part, then another", _capture_again)
CAPTURE_REFUND = Act("capture_refund", "charge, then refund", _capture_and_refund)
CANCEL = Act("cancel", "cancel", _cancel)
REFUND = Act("refund", "refund the whole", _refund)
REFUND_PART = Act("refund_part", "refund a part", _refund_part)
REFUND_TWICE = Act("refund_twice", "refund a part, twice", _refund_twice)
REFUND_FAILS = Act("refund_fails", "a refund fails later", _refund_fails)
DISPUTE = Act("dispute", "a dispute is opened", _dispute)
DISPUTE_WON = Act("dispute_won", "a dispute is won", _decide(DisputeStatus.WON))
DISPUTE_LOST = Act("dispute_lost", "a dispute is lost", _decide(DisputeStatus.LOST))
ACTS = (
    CAPTURE,
    CAPTURE_PART,
    CAPTURE_AGAIN,
    CAPTURE_REFUND,
    CANCEL,
    REFUND,
    REFUND_PART,
    REFUND_TWICE,
    REFUND_FAILS,
    DISPUTE,
    DISPUTE_WON,
    DISPUTE_LOST,
)
