"""Staff give money back while the provider answers late, wrongly or never."""

from typing import Any

import pytest

from inventory.models import StockItem
from orders.models import Dispute, Order, Refund
from saga.models import Alert
from tests.chaos.plans import NO_CLEAR_ANSWER
from tests.support.catalogue import stock_up
from tests.support.clerk import Clerk, signed_in
from tests.support.customer import Customer, Fields, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import (
    decide_dispute,
    decide_refund,
    dispute,
    intents_of,
    plan_fault,
)
from tests.support.waiting import wait_until

# On SQLite only, to save time: make chaos runs on both databases.
pytestmark = pytest.mark.chaos


def give_back(clerk: Clerk, order: Order, amount: int) -> Refund:
    """Refund ``amount`` on the pages: form, question, typed amount, goods restocked."""
    path = f"/admin/orders/order/{order.pk}/refund/"
    form = Fields(clerk.get(path).text).with_field("seen")
    line = order.lines.get().pk
    goods = {f"units_{line}": "1", f"restock_{line}": "on"}
    reason = {"amount": str(amount), "reason": "broken"}
    asked = clerk.post(path, {**form, **goods, **reason})
    question = Fields(asked.text).with_field("seen")
    clerk.post(path, {**question, "typed": str(amount)})
    return Refund.objects.get(payment__order=order)


def wait_until_asked(refund: Refund) -> None:
    """Wait until the provider was asked: the next fault is for the next refund."""

    def was_asked() -> bool:
        refund.refresh_from_db()
        return bool(refund.error) or refund.status != Refund.Status.REQUESTED

    wait_until(was_asked, "the provider was asked", seconds=30)


def wait_for(refund: Refund, *statuses: str) -> Refund:
    def find() -> Refund | None:
        refund.refresh_from_db()
        return refund if refund.status in statuses else None

    return wait_until(find, f"the refund is {' or '.join(statuses)}", seconds=60)


def paid(shop: LiveStack, count: int, card: str = "pm_card_visa") -> list[Order]:
    orders = [Customer(shop).buy({stock_up(1): 1}, card) for _one in range(count)]
    wait_until_done(shop, orders)
    return orders


def test_refunds_without_a_clear_answer_give_back_once(shop: LiveStack) -> None:
    faults: list[dict[str, Any]] = [
        # An error stored under the idempotency key lasts a day: do not store it.
        {"stored": False, **fault} if "status" in fault else fault
        for fault in [*NO_CLEAR_ANSWER, {"kind": "delay", "seconds": 2.5, "times": 2}]
    ]
    orders = paid(shop, len(faults))
    clerk = signed_in(shop)
    refunds = []
    for order, fault in zip(orders, faults, strict=True):
        plan_fault(shop, operation="refund", **fault)
        refund = give_back(clerk, order, 1800)
        refunds.append(refund)
        wait_until_asked(refund)

    for order, refund in zip(orders, refunds, strict=True):
        wait_for(refund, Refund.Status.SUCCEEDED)
        (intent,) = intents_of(shop, order)
        assert (intent["refunded"], len(intent["refunds"])) == (1800, 1)
        assert StockItem.objects.get(sku=order.lines.get().sku).on_hand == 1


def test_a_dispute_and_its_end_are_learned_from_webhooks(
    shop: LiveStack,
) -> None:
    (order,) = paid(shop, 1)
    name = dispute(shop, order.payment.charge_id)
    row = wait_until(
        lambda: order.payment.disputes.filter(dispute_id=name).first(), "it is read"
    )
    assert (row.status, row.amount_minor) == ("needs_response", order.total_minor)
    assert Alert.objects.filter(topic=f"dispute_opened {row.pk}").exists()

    decide_dispute(shop, name, "won")

    wait_until(lambda: Dispute.objects.filter(pk=row.pk, status="won").exists(), "won")


def test_a_refund_that_fails_late_is_learned_from_the_webhook(shop: LiveStack) -> None:
    (order,) = paid(shop, 1)
    refund = wait_for(give_back(signed_in(shop), order, 1800), "succeeded")

    decide_refund(shop, refund.refund_id or "", "fail")

    wait_for(refund, Refund.Status.FAILED)
    order.payment.refresh_from_db()
    assert order.payment.refunded_minor == 0


def test_a_pending_refund_succeeds_by_its_webhook(shop: LiveStack) -> None:
    (order,) = paid(shop, 1, "pm_card_pendingRefund")
    refund = wait_for(give_back(signed_in(shop), order, 1800), "pending", "succeeded")

    decide_refund(shop, refund.refund_id or "", "succeed")

    wait_for(refund, Refund.Status.SUCCEEDED)
    assert StockItem.objects.get(sku=order.lines.get().sku).on_hand == 1
