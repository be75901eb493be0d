"""The gateway against the sandbox's real process, over HTTP with Stripe's own SDK."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from checkout.payments.gateway import (
    CardUnusable,
    Intent,
    IntentStatus,
    Misconfigured,
    NotFound,
    Refused,
    UnexpectedState,
)
from checkout.payments.stripe.gateway import StripeGateway
from tests.checkout.payments.stripe_objects import authorized
from tests.support.orders import VISA
from tests.support.sandbox import RETURN, Sandbox


def test_an_intent_is_created_unconfirmed_with_the_orders_uid(
    gateway: StripeGateway,
) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "k1")

    assert intent.status is IntentStatus.NEEDS_CARD
    assert (intent.amount, intent.received, intent.currency) == (2400, 0, "JPY")
    assert intent.order == "order-1"
    assert intent.client_secret.startswith(intent.id)
    assert intent.charge_id == ""


def test_the_same_key_brings_the_same_intent(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    first = gateway.create("order-1", 2400, "JPY", "k1")

    assert gateway.create("order-1", 2400, "JPY", "k1") == first

    assert len(sandbox.intents()) == 1


@pytest.mark.parametrize("by", ["token", "method"])
def test_a_good_card_is_authorised_not_charged(
    gateway: StripeGateway, sandbox: Sandbox, by: str
) -> None:
    card = sandbox.token(VISA) if by == "token" else VISA
    intent = gateway.create("order-1", 2400, "JPY", "k1")

    intent = gateway.confirm(intent.id, card, RETURN, "k2")

    assert intent.status is IntentStatus.CAPTURABLE
    assert (intent.card_brand, intent.card_last4) == ("visa", "4242")
    assert intent.charge_id.startswith("ch_")
    assert intent.capture_before is not None
    assert intent.capture_before > datetime.now(UTC) + timedelta(days=6)
    assert intent.received == 0


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_decline_is_an_answer(
    gateway: StripeGateway, sandbox: Sandbox, card: str, code: str
) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "k1")

    answer = gateway.confirm(intent.id, card, RETURN, "k2")

    assert (answer.status, answer.decline_code) == (IntentStatus.NEEDS_CARD, code)
    assert gateway.confirm(intent.id, VISA, RETURN, "k3").status is (
        IntentStatus.CAPTURABLE
    )


def test_a_challenge_is_an_answer_and_its_end_is_read(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "k1")
    token = sandbox.token("pm_card_threeDSecure2Required")

    answer = gateway.confirm(intent.id, token, RETURN, "k2")
    assert answer.status is IntentStatus.NEEDS_CUSTOMER

    sandbox.post("challenge", {"intent": intent.id, "result": "complete"})
    assert gateway.retrieve(intent.id).status is IntentStatus.CAPTURABLE


def test_a_challenge_that_failed_is_read_as_a_decline(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "k1")
    token = sandbox.token("pm_card_threeDSecure2Required")
    gateway.confirm(intent.id, token, RETURN, "k2")

    sandbox.post("challenge", {"intent": intent.id, "result": "fail"})

    answer = gateway.retrieve(intent.id)
    assert answer.status is IntentStatus.NEEDS_CARD
    assert answer.decline_code == "payment_intent_authentication_failure"


def test_capturing_takes_the_money_once(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = authorized(gateway)

    intent = gateway.capture(intent_id, "k3")

    assert (intent.status, intent.received) == (IntentStatus.SUCCEEDED, 2400)
    assert gateway.capture(intent_id, "k3") == intent
    (seen,) = sandbox.intents()
    assert (seen["captured_charges"], seen["captured"]) == (1, 2400)


def test_cancelling_takes_nothing(gateway: StripeGateway, sandbox: Sandbox) -> None:
    intent_id = authorized(gateway)

    assert gateway.cancel(intent_id, "k3").status is IntentStatus.CANCELED

    assert sandbox.intents()[0]["captured_charges"] == 0


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        ("capture", "cancel", IntentStatus.SUCCEEDED),
        ("capture", "capture", IntentStatus.SUCCEEDED),
        ("cancel", "capture", IntentStatus.CANCELED),
        ("cancel", "cancel", IntentStatus.CANCELED),
    ],
)
def test_an_intent_that_moved_on_says_where_it_is(
    gateway: StripeGateway, first: str, then: str, status: IntentStatus
) -> None:
    intent_id = authorized(gateway)
    getattr(gateway, first)(intent_id, "k3")

    with pytest.raises(UnexpectedState) as refusal:
        getattr(gateway, then)(intent_id, "k4")

    assert refusal.value.intent.id == intent_id
    assert refusal.value.intent.status is status


def test_confirming_what_is_authorised_says_where_it_is(
    gateway: StripeGateway,
) -> None:
    intent_id = authorized(gateway)

    with pytest.raises(UnexpectedState) as refusal:
        gateway.confirm(intent_id, VISA, RETURN, "k9")

    assert refusal.value.intent.status is IntentStatus.CAPTURABLE


def test_a_token_works_once(gateway: StripeGateway, sandbox: Sandbox) -> None:
    token = sandbox.token(VISA)
    first = gateway.create("order-1", 2400, "JPY", "k1")
    gateway.confirm(first.id, token, RETURN, "k2")
    second = gateway.create("order-2", 2400, "JPY", "k3")

    with pytest.raises(CardUnusable):
        gateway.confirm(second.id, token, RETURN, "k4")


def test_a_token_that_never_was_is_the_customers_to_repeat(
    gateway: StripeGateway,
) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "k1")

    with pytest.raises(CardUnusable):
        gateway.confirm(intent.id, "ctoken_invented", RETURN, "k2")


@pytest.mark.parametrize("key", ["not a key", "sk_live_real"])
def test_a_wrong_key_is_a_matter_of_configuration(
    gateway: StripeGateway, settings: Settings, key: str
) -> None:
    settings.STRIPE_SECRET_KEY = key

    with pytest.raises(Misconfigured, match="STRIPE_SECRET_KEY"):
        StripeGateway().create("order-1", 2400, "JPY", "k1")


def test_a_request_that_is_wrong_is_refused(gateway: StripeGateway) -> None:
    with pytest.raises(Refused):
        gateway.create("order-1", -1, "JPY", "k1")
    with pytest.raises(NotFound):
        gateway.retrieve("pi_nobody")


def test_a_key_with_other_parameters_is_refused(gateway: StripeGateway) -> None:
    gateway.create("order-1", 2400, "JPY", "k1")

    with pytest.raises(Refused):
        gateway.create("order-1", 2500, "JPY", "k1")


def test_intents_are_listed_by_time_newest_first(gateway: StripeGateway) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    for number in range(3):
        gateway.create(f"order-{number}", 2400, "JPY", f"k{number}")

    found = list(gateway.created_since(since))

    assert sorted(one.order for one in found if isinstance(one, Intent)) == [
        "order-0",
        "order-1",
        "order-2",
    ]
    assert list(gateway.created_since(since + timedelta(hours=1))) == []
    assert list(gateway.created_since(since, before=since)) == []
