"""Konbini: paid in cash at a store, days later, or not at all."""

import pytest
import stripe

from tests.stripe_sandbox import making
from tests.stripe_sandbox.process import SandboxProcess
from tests.stripe_sandbox.receiver import Receiver

Client = stripe.StripeClient


def test_a_voucher_waits_for_the_customer(client: Client) -> None:
    waiting = making.konbini(client)
    assert (waiting.status, waiting.latest_charge) == ("requires_action", None)
    details = waiting.next_action.konbini_display_details
    assert details.expires_at > waiting.created + 2 * 24 * 3600
    assert details.stores.lawson.payment_code


def test_paying_at_the_store_completes_the_payment(
    client: Client, sandbox: SandboxProcess, receiver: Receiver
) -> None:
    waiting = making.konbini(client)
    for _ in range(2):
        sandbox.control("POST", "konbini", {"intent": waiting.id, "result": "pay"})
    [seen] = sandbox.intents()
    assert (seen["status"], seen["captured"], seen["captured_charges"]) == (
        "succeeded",
        3200,
        1,
    )
    receiver.wait_for("charge.succeeded", "payment_intent.succeeded")


def test_a_voucher_that_nobody_pays_lapses(
    client: Client, sandbox: SandboxProcess, receiver: Receiver
) -> None:
    waiting = making.konbini(client)
    sandbox.advance(5 * 24 * 3600)
    after = client.v1.payment_intents.retrieve(waiting.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error.code == "payment_intent_payment_attempt_expired"
    receiver.wait_for("payment_intent.payment_failed")
    sandbox.control("POST", "konbini", {"intent": waiting.id, "result": "pay"})
    [seen] = sandbox.intents()
    assert seen["captured"] == 0


def test_the_deadline_can_be_chosen(client: Client) -> None:
    made = making.intent(client, capture_method="automatic")
    waiting = client.v1.payment_intents.confirm(
        made.id,
        {
            "payment_method_data": {
                "type": "konbini",
                "billing_details": {"name": "H", "email": "h@example.com"},
            },
            "payment_method_options": {"konbini": {"expires_at": made.created + 9000}},
            "return_url": making.BACK,
        },
    )
    details = waiting.next_action.konbini_display_details
    assert details.expires_at == made.created + 9000


def test_konbini_cannot_be_captured_by_hand(client: Client) -> None:
    assert making.intent(client).payment_method_types == ["card"]
    with pytest.raises(stripe.InvalidRequestError, match="manual capture"):
        making.intent(client, payment_method_types=["konbini"])


def test_konbini_takes_yen_only(client: Client) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="jpy"):
        client.v1.payment_intents.create(
            {"amount": 5000, "currency": "usd", "payment_method_types": ["konbini"]}
        )


def test_a_refund_waits_for_a_bank_account_and_can_be_cancelled(
    client: Client, sandbox: SandboxProcess
) -> None:
    waiting = making.konbini(client)
    sandbox.control("POST", "konbini", {"intent": waiting.id, "result": "pay"})
    refund = client.v1.refunds.create({"payment_intent": waiting.id})
    assert refund.status == "requires_action"
    assert client.v1.refunds.cancel(refund.id).status == "canceled"
    charge = client.v1.charges.retrieve(refund.charge)
    assert charge.amount_refunded == 0
