"""The states of a payment intent and its transitions."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient
WEEK = 7 * 24 * 3600


def test_a_confirmed_intent_holds_the_money_without_taking_it(
    client: Client, sandbox: SandboxProcess
) -> None:
    held = making.confirmed(client)
    assert (held.status, held.amount_capturable, held.amount_received) == (
        "requires_capture",
        3200,
        0,
    )
    [seen] = sandbox.intents()
    assert (seen["captured"], seen["captured_charges"]) == (0, 0)


def test_the_authorisation_says_how_long_it_lasts(client: Client) -> None:
    charge = client.v1.charges.retrieve(making.confirmed(client).latest_charge)
    card = charge.payment_method_details.card
    assert card.capture_before == charge.created + WEEK


def test_a_capture_takes_the_money_and_books_it(client: Client) -> None:
    paid = making.captured(client)
    assert (paid.status, paid.amount_capturable, paid.amount_received) == (
        "succeeded",
        0,
        3200,
    )
    charge = client.v1.charges.retrieve(
        paid.latest_charge, {"expand": ["balance_transaction"]}
    )
    booked = charge.balance_transaction
    assert (booked.amount, booked.fee, booked.net) == (3200, 115, 3085)
    assert (charge.captured, charge.amount_captured) == (True, 3200)


def test_a_partial_capture_releases_the_rest(client: Client) -> None:
    held = making.confirmed(client)
    paid = client.v1.payment_intents.capture(held.id, {"amount_to_capture": 2000})
    assert (paid.status, paid.amount_received) == ("succeeded", 2000)
    charge = client.v1.charges.retrieve(paid.latest_charge)
    assert (charge.amount_captured, charge.amount_refunded) == (2000, 1200)


def test_no_more_than_the_authorised_amount_can_be_captured(client: Client) -> None:
    held = making.confirmed(client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": 3201})
    assert (caught.value.code, caught.value.param) == (
        "amount_too_large",
        "amount_to_capture",
    )
    assert client.v1.payment_intents.retrieve(held.id).status == "requires_capture"


def test_without_manual_capture_confirming_takes_the_money(client: Client) -> None:
    paid = making.confirmed(client, capture_method="automatic")
    assert (paid.status, paid.amount_received) == ("succeeded", 3200)


def test_cancelling_an_authorisation_releases_it_and_takes_nothing(
    client: Client, sandbox: SandboxProcess
) -> None:
    held = making.confirmed(client)
    gone = client.v1.payment_intents.cancel(
        held.id, {"cancellation_reason": "requested_by_customer"}
    )
    assert (gone.status, gone.amount_capturable) == ("canceled", 0)
    assert gone.cancellation_reason == "requested_by_customer"
    charge = client.v1.charges.retrieve(gone.latest_charge)
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (
        False,
        True,
        3200,
    )
    [seen] = sandbox.intents()
    assert (seen["captured"], seen["refunded"]) == (0, 0)


def test_an_authorisation_left_alone_expires(
    client: Client, sandbox: SandboxProcess
) -> None:
    held = making.confirmed(client)
    sandbox.advance(WEEK - 60)
    assert client.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    sandbox.advance(120)
    gone = client.v1.payment_intents.retrieve(held.id)
    assert (gone.status, gone.cancellation_reason) == ("canceled", "automatic")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(held.id)
    assert caught.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("confirm", "succeeded"),
        ("capture", "succeeded"),
        ("cancel", "succeeded"),
        ("confirm", "canceled"),
        ("capture", "canceled"),
        ("cancel", "canceled"),
        ("confirm", "requires_capture"),
        ("capture", "requires_payment_method"),
        ("confirm", "requires_payment_method"),
    ],
)
def test_an_act_that_comes_too_late_gets_the_true_state(
    client: Client, act: str, state: str
) -> None:
    ways: dict[str, Callable[[Client], Any]] = {
        "succeeded": making.captured,
        "requires_capture": making.confirmed,
        "requires_payment_method": making.intent,
        "canceled": lambda c: c.v1.payment_intents.cancel(making.confirmed(c).id),
    }
    made = ways[state](client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        getattr(client.v1.payment_intents, act)(made.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    told = caught.value.error.payment_intent
    assert (told.id, told.status) == (made.id, state)
    assert client.v1.payment_intents.retrieve(made.id).status == state


def test_an_unconfirmed_intent_takes_a_new_amount_a_held_one_does_not(
    client: Client,
) -> None:
    made = making.intent(client)
    assert client.v1.payment_intents.update(made.id, {"amount": 500}).amount == 500
    held = making.confirmed(client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.update(held.id, {"amount": 500})
    assert caught.value.code == "payment_intent_unexpected_state"
    labelled = client.v1.payment_intents.update(held.id, {"metadata": {"a": "1"}})
    assert (labelled.amount, labelled.metadata["a"]) == (3200, "1")


def test_metadata_is_merged_and_an_empty_value_removes_a_key(client: Client) -> None:
    made = making.intent(client, metadata={"order": "A1", "old": "x"})
    changed = client.v1.payment_intents.update(
        made.id, {"metadata": {"old": "", "new": "y"}}
    )
    assert changed.metadata.to_dict() == {"order": "A1", "new": "y"}


def test_redirecting_methods_need_a_return_url(client: Client) -> None:
    made = making.intent(client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})
    assert caught.value.param == "return_url"
    never = {"enabled": True, "allow_redirects": "never"}
    other = making.intent(client, automatic_payment_methods=never)
    done = client.v1.payment_intents.confirm(
        other.id, {"payment_method": "pm_card_visa"}
    )
    assert done.status == "requires_capture"


def test_a_token_serves_once(client: Client) -> None:
    token = making.token(client)
    first, second = making.intent(client), making.intent(client)
    client.v1.payment_intents.confirm(first.id, {"confirmation_token": token})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.confirm(second.id, {"confirmation_token": token})
    assert caught.value.code == "token_already_used"
    untouched = client.v1.payment_intents.retrieve(second.id)
    assert (untouched.status, untouched.latest_charge) == (
        "requires_payment_method",
        None,
    )
    used = client.v1.confirmation_tokens.retrieve(token)
    assert used.payment_intent == first.id


def test_a_token_expires_after_half_a_day(
    client: Client, sandbox: SandboxProcess
) -> None:
    token = making.token(client)
    made = making.intent(client)
    sandbox.advance(12 * 3600 + 1)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.confirm(made.id, {"confirmation_token": token})
    assert caught.value.code == "token_expired"


def test_a_refused_confirmation_leaves_its_token_usable(client: Client) -> None:
    token, paid = making.token(client), making.captured(client)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.confirm(paid.id, {"confirmation_token": token})
    made = making.intent(client)
    done = client.v1.payment_intents.confirm(made.id, {"confirmation_token": token})
    assert done.status == "requires_capture"


def test_the_publishable_key_sees_the_public_part_with_the_secret_only(
    client: Client, sandbox: SandboxProcess
) -> None:
    made = making.intent(client, metadata={"order": "A1"})
    browser = sandbox.client(key="pk_test_sandbox")
    seen = browser.v1.payment_intents.retrieve(
        made.id, {"client_secret": made.client_secret}
    )
    assert (seen.id, seen.status) == (made.id, "requires_payment_method")
    assert "metadata" not in seen.to_dict()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        browser.v1.payment_intents.retrieve(made.id, {"client_secret": "wrong"})
    assert caught.value.code == "resource_missing"
    with pytest.raises(stripe.PermissionError):
        browser.v1.payment_intents.capture(made.id)


def test_an_unknown_intent_is_a_missing_resource(client: Client) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.retrieve("pi_unknown")
    assert (caught.value.code, caught.value.http_status, caught.value.param) == (
        "resource_missing",
        404,
        "intent",
    )
