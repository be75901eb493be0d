"""A failover without synchronous replication: what is lost, and how it is found."""

import json

from django.db import connections

from orders.models import Order
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox import Sandbox
from tests.support.sandbox_control import all_intents, captured
from tests.support.standby import Pair


def lose_last_commits(shop: LiveStack, pair: Pair) -> None:
    """Lose an order that was paid, and find its charge as the runbook says.

    Raises AssertionError if the loss is not told, or anybody is charged again.
    """
    sku = stock_up(5)
    kept = Customer(shop).buy({sku: 1})
    wait_until_done(shop, [kept])
    pair.lose_the_standby()
    lost = Customer(shop).buy({sku: 1})
    wait_until_done(shop, [lost])
    intent = lost.payment.intent_id or ""
    before = charges(shop)

    pair.fail_over()
    connections.close_all()
    shop.wait_for()

    assert Order.objects.filter(number=kept.number).exists()
    assert not Order.objects.filter(number=lost.number).exists()
    found = reconcile(shop)
    assert found == {intent: "charge_without_order"}, found
    after = Customer(shop).buy({sku: 1})
    wait_until_done(shop, [after])
    assert captured(shop, after) == [after.total.minor]
    assert {key: charges(shop)[key] for key in before} == before

    # What the page about such a charge advises.
    refunds = Sandbox(shop.sandbox_url).client().v1.refunds
    refunds.create({"payment_intent": intent})
    assert reconcile(shop) == {}
    shop.manage("audit_stock", "--grace", "0")


def charges(shop: LiveStack) -> dict[str, int]:
    """Return intent -> captured charges."""
    return {
        intent["id"]: sum(charge["captured"] for charge in intent["charges"])
        for intent in all_intents(shop)
    }


def reconcile(shop: LiveStack) -> dict[str, str]:
    """Compare everything. Return payment at the provider -> kind of mismatch."""
    said = shop.manage(
        "reconcile_payments", "--grace", "0", "--wake", "--json", check=False
    )
    return {row["intent"]: row["kind"] for row in json.loads(said)["mismatches"]}
