"""The drill: a database of an hour ago beside a provider that went on."""

import json
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from orders.models import Order
from saga.models import State
from tests.support.catalogue import stock_up
from tests.support.customer import Customer, wait_for_state, wait_until_done
from tests.support.live import LiveStack, live_stack
from tests.support.sandbox import Sandbox
from tests.support.sandbox_control import all_intents, answer_challenge, captured

pytestmark = pytest.mark.chaos


def charges(stack: LiveStack) -> dict[str, int]:
    """Return intent -> captured charges, for those with any."""
    counted = {
        intent["id"]: sum(charge["captured"] for charge in intent["charges"])
        for intent in all_intents(stack)
    }
    return {intent: number for intent, number in counted.items() if number}


def reconcile(stack: LiveStack) -> dict[str, str]:
    """Compare everything. Return payment at the provider -> kind of mismatch."""
    said = stack.manage(
        "reconcile_payments", "--grace", "0", "--wake", "--json", check=False
    )
    return {row["intent"]: row["kind"] for row in json.loads(said)["mismatches"]}


def test_an_hour_is_lost_and_no_charge_with_it(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        lose_an_hour(tmp_path)


def lose_an_hour(tmp_path: Path) -> None:
    folder, copies = tmp_path / "data", tmp_path / "copies"
    with live_stack(folder) as stack, stack.as_database():
        sku = stock_up(20)
        before = Customer(stack).buy({sku: 1})
        wait_until_done(stack, [before])
        asked = Customer(stack).buy({sku: 1}, card="pm_card_authenticationRequired")
        wait_for_state(stack, asked, State.WAITING)

        copy = stack.manage_json("backup", "--into", str(copies))["folder"]

        # The hour after it: one order is paid that was open, and one is new.
        answer_challenge(stack, asked, "complete")
        lost = Customer(stack).buy({sku: 1})
        wait_until_done(stack, [asked, lost])
        lost_intent = lost.payment.intent_id or ""
        at_the_provider = charges(stack)
        assert sorted(at_the_provider.values()) == [1, 1, 1]

    stack.manage("restore", copy, "--aside")
    with live_stack(folder) as stack, stack.as_database():
        assert not Order.objects.filter(number=lost.number).exists()

        found = reconcile(stack)

        # The charge of the lost order is named. The one whose order was open is found
        # by that order itself, which asks before it charges.
        assert found.get(lost_intent) == "charge_without_order"
        wait_until_done(stack, [asked])
        assert captured(stack, asked) == [asked.total.minor]
        assert charges(stack) == at_the_provider, "somebody was charged again"

        # It is repaired with what the page advises: a refund at the provider.
        refunds = Sandbox(stack.sandbox_url).client().v1.refunds
        refunds.create({"payment_intent": lost_intent})
        assert reconcile(stack) == {}
        stack.manage("audit_stock", "--grace", "0")
