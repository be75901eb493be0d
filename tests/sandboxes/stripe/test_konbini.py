"""Konbini: paid in cash at a store, days later, or never."""

import pytest
import requests
import stripe

from tests.sandboxes.stripe import making
from tests.sandboxes.stripe.receiver import Receiver
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient


def test_a_voucher_waits_for_the_customer(client: Client) -> None:
    waiting = making.konbini(client)
    assert (waiting.status, waiting.latest_charge) == ("requires_action", None)
    details = waiting.next_action.konbini_display_details
    assert details.expires_at > waiting.created + 2 * 24 * 3600
    assert details.stores.lawson.payment_code
    assert int(details.stores.lawson.confirmation_number) > 0


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


@pytest.mark.parametrize(
    ("email", "ends"),
    [
        ("hanako_succeed_immediately@example.com", "succeeded"),
        ("expire_immediately@example.com", "requires_payment_method"),
    ],
)
def test_some_addresses_let_a_voucher_end_by_itself(
    client: Client, sandbox: SandboxProcess, email: str, ends: str
) -> None:
    waiting = making.konbini(client, email)
    sandbox.advance(1)
    assert client.v1.payment_intents.retrieve(waiting.id).status == ends


def test_a_person_pays_on_the_vouchers_page(
    client: Client, sandbox: SandboxProcess
) -> None:
    waiting = making.konbini(client)
    address = waiting.next_action.konbini_display_details.hosted_voucher_url
    assert waiting.client_secret not in address
    assert 'data-state="open"' in requests.get(address, timeout=5).text
    page = requests.post(address, data={"result": "pay"}, timeout=5)
    assert 'data-state="answered"' in page.text
    assert [one["captured"] for one in sandbox.intents()] == [3200]
    wrong = requests.get(address.replace("key=", "key=x"), timeout=5)
    assert wrong.status_code == 404


def test_beside_konbini_a_card_can_wait_for_its_capture(client: Client) -> None:
    made = making.intent(
        client,
        capture_method="automatic",
        allowed_payment_method_types=["card", "konbini"],
        payment_method_options={"card": {"capture_method": "manual"}},
    )
    waiting = client.v1.payment_intents.confirm(
        made.id,
        {
            "payment_method": "pm_card_visa",
            "return_url": making.BACK,
            "expand": ["latest_charge"],
        },
    )
    assert (waiting.status, waiting.amount_received) == ("requires_capture", 0)
    card = waiting.latest_charge.payment_method_details.card
    assert card.capture_before > made.created
    done = client.v1.payment_intents.capture(made.id)
    assert (done.status, done.amount_received) == ("succeeded", made.amount)
