"""Scenarios that the sandbox imitates, which can also be run against Stripe.

Each scenario runs against the sandbox, and against Stripe's test mode where a key is
given; without one the second half is unverified, and says so.
"""

import uuid
from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe import making, shapes

Client = stripe.StripeClient


@pytest.fixture(
    params=["sandbox", pytest.param("stripe", marks=pytest.mark.stripe_live)]
)
def anywhere(request: pytest.FixtureRequest) -> Client:
    if request.param == "sandbox":
        found: Client = request.getfixturevalue("client")
        return found
    key: str = request.getfixturevalue("stripe_test_key")
    return stripe.StripeClient(key, max_network_retries=2)


def _key() -> Any:
    return {"idempotency_key": str(uuid.uuid4())}


def test_hold_then_capture(anywhere: Client) -> None:
    held = making.confirmed(anywhere)
    assert (held.status, held.amount_capturable) == ("requires_capture", 3200)
    paid = anywhere.v1.payment_intents.capture(held.id)
    assert (paid.status, paid.amount_received) == ("succeeded", 3200)
    assert shapes.problems(paid.to_dict(for_json=True)) == []


def test_a_decline_puts_the_intent_back(anywhere: Client) -> None:
    made = making.intent(anywhere)
    token = making.token(anywhere, "pm_card_visa_chargeDeclinedInsufficientFunds")
    with pytest.raises(stripe.CardError) as caught:
        anywhere.v1.payment_intents.confirm(made.id, {"confirmation_token": token})
    assert caught.value.error is not None
    assert caught.value.error.decline_code == "insufficient_funds"
    after = anywhere.v1.payment_intents.retrieve(made.id)
    assert (after.status, after.payment_method) == ("requires_payment_method", None)


def test_cancel_releases_the_hold(anywhere: Client) -> None:
    gone = anywhere.v1.payment_intents.cancel(making.confirmed(anywhere).id)
    assert (gone.status, gone.amount_capturable) == ("canceled", 0)
    charge = anywhere.v1.charges.retrieve(gone.latest_charge)
    assert (charge.captured, charge.refunded) == (False, True)


def test_a_late_cancel_carries_the_true_state(anywhere: Client) -> None:
    paid = making.captured(anywhere)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        anywhere.v1.payment_intents.cancel(paid.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    assert caught.value.error is not None
    assert caught.value.error.payment_intent.status == "succeeded"


def test_a_key_answers_the_same_twice_and_refuses_another_request(
    anywhere: Client,
) -> None:
    key = _key()
    params: Any = {"amount": 3200, "currency": "jpy"}
    first = anywhere.v1.payment_intents.create(params, key)
    second = anywhere.v1.payment_intents.create(params, key)
    assert second.id == first.id
    assert second.last_response is not None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        anywhere.v1.payment_intents.create({**params, "amount": 3300}, key)


def test_three_d_secure_waits_for_the_customer(anywhere: Client) -> None:
    asked = making.confirmed(anywhere, "pm_card_threeDSecure2Required")
    assert (asked.status, asked.next_action.type) == (
        "requires_action",
        "use_stripe_sdk",
    )


def test_an_unknown_parameter_is_refused(anywhere: Client) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        making.intent(anywhere, colour="red")
    assert (caught.value.code, caught.value.param) == ("parameter_unknown", "colour")


def test_too_little_cannot_be_charged(anywhere: Client) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        making.intent(anywhere, amount=1)
    assert caught.value.code == "amount_too_small"


def test_no_more_than_the_charge_can_be_refunded(anywhere: Client) -> None:
    paid = making.captured(anywhere)
    refund = anywhere.v1.refunds.create({"payment_intent": paid.id, "amount": 3000})
    assert refund.amount == 3000
    with pytest.raises(stripe.InvalidRequestError):
        anywhere.v1.refunds.create({"payment_intent": paid.id, "amount": 201})
