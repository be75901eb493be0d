"""The gateway against the sandbox's real process, over HTTP with Stripe's own SDK."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from checkout.payments.gateway import (
    BadSignature,
    CardUnusable,
    IntentStatus,
    Misconfigured,
    NotFound,
    NotNow,
    OutcomeUnknownError,
    Refused,
    UnexpectedState,
)
from checkout.payments.stripe_gateway import StripeGateway
from tests.checkout.sandbox import RETURN, Sandbox, running_sandbox

VISA = "pm_card_visa"
# The SDK repeats such a call once by itself; both must fail for us to see it.
TRIES = 2


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_sandbox(tmp_path_factory.mktemp("stripe")) as url:
        yield url


@pytest.fixture
def sandbox(process: str) -> Sandbox:
    sandbox = Sandbox(process)
    sandbox.post("reset")
    return sandbox


@pytest.fixture
def gateway(sandbox: Sandbox, settings: Settings) -> StripeGateway:
    settings.STRIPE_API_BASE = sandbox.url
    settings.STRIPE_TIMEOUT = 1.0
    return StripeGateway()


def authorized(gateway: StripeGateway, order: str = "order-1") -> str:
    intent = gateway.create(order, 2400, "JPY", f"{order}:create")
    gateway.confirm(intent.id, VISA, RETURN, f"{order}:confirm")
    return intent.id


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


@pytest.mark.parametrize("kind", ["error_before", "error_after"])
@pytest.mark.parametrize("call", ["create", "confirm", "capture", "cancel"])
def test_the_providers_own_fault_leaves_the_outcome_unknown(
    gateway: StripeGateway, sandbox: Sandbox, call: str, kind: str
) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "k1")
    if call != "confirm":
        gateway.confirm(intent.id, VISA, RETURN, "k2")
    sandbox.fault(call, kind, status=500, times=TRIES)

    calls = {
        "create": lambda: gateway.create("order-2", 2400, "JPY", "k5"),
        "confirm": lambda: gateway.confirm(intent.id, VISA, RETURN, "k5"),
        "capture": lambda: gateway.capture(intent.id, "k5"),
        "cancel": lambda: gateway.cancel(intent.id, "k5"),
    }
    with pytest.raises(OutcomeUnknownError):
        calls[call]()


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_a_cut_connection_leaves_the_outcome_unknown_and_the_key_tells_it(
    gateway: StripeGateway, sandbox: Sandbox, kind: str
) -> None:
    intent_id = authorized(gateway)
    sandbox.fault("capture", kind, times=TRIES)

    with pytest.raises(OutcomeUnknownError):
        gateway.capture(intent_id, "k3")

    assert gateway.capture(intent_id, "k3").status is IntentStatus.SUCCEEDED
    assert sandbox.intents()[0]["captured_charges"] == 1


def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = authorized(gateway)
    sandbox.fault("capture", "withhold", seconds=1.5, times=TRIES)

    with pytest.raises(OutcomeUnknownError):
        gateway.capture(intent_id, "k3")

    assert gateway.retrieve(intent_id).status is IntentStatus.SUCCEEDED


def test_a_fault_that_the_sdk_repeats_is_never_seen(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = authorized(gateway)
    sandbox.fault("capture", "cut_after")

    assert gateway.capture(intent_id, "k3").status is IntentStatus.SUCCEEDED


@pytest.mark.parametrize("status", [409, 429])
def test_asking_for_patience_is_no_refusal(
    gateway: StripeGateway, sandbox: Sandbox, status: int
) -> None:
    intent_id = authorized(gateway)
    sandbox.fault("capture", "error_before", status=status, times=TRIES)

    with pytest.raises(NotNow):
        gateway.capture(intent_id, "k3")

    assert gateway.retrieve(intent_id).status is IntentStatus.CAPTURABLE


def test_a_decline_at_the_capture_is_answered_by_where_the_intent_is(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = authorized(gateway)
    sandbox.fault("capture", "error_before", status=402)

    assert gateway.capture(intent_id, "k3").status is IntentStatus.CAPTURABLE


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

    found = [intent.order for intent in gateway.created_since(since)]

    assert sorted(found) == ["order-0", "order-1", "order-2"]
    assert list(gateway.created_since(since + timedelta(hours=1))) == []
    assert list(gateway.created_since(since, before=since)) == []


def test_a_listing_that_breaks_off_in_the_middle_is_an_error_of_ours(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    for number in range(101):
        gateway.create(f"order-{number}", 2400, "JPY", f"k{number}")
    sandbox.fault("list", "error_before", status=500, times=TRIES, skip=1)

    with pytest.raises(OutcomeUnknownError):
        list(gateway.created_since(datetime.now(UTC) - timedelta(minutes=5)))


def signed(body: bytes, secret: str, moment: float | None = None) -> str:
    """Return the header that Stripe would send. docs.stripe.com/webhooks/signature"""
    stamp = int(moment or time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"t={stamp},v1={digest.hexdigest()}"


@pytest.mark.parametrize("operation", ["create", "cancel", "retrieve"])
def test_a_decline_where_no_card_is_tried_is_no_clear_answer(
    gateway: StripeGateway, sandbox: Sandbox, operation: str
) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "k1").id
    sandbox.fault(operation, "error_before", status=402)
    calls = {
        "create": lambda: gateway.create("order-2", 2400, "JPY", "k2"),
        "cancel": lambda: gateway.cancel(intent, "k3"),
        "retrieve": lambda: gateway.retrieve(intent),
    }

    with pytest.raises(OutcomeUnknownError):
        calls[operation]()


def event(thing: dict[str, Any]) -> bytes:
    body = {"id": "evt_1", "object": "event", "type": "x.y", "data": {"object": thing}}
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("thing", "intent_id"),
    [
        ({"object": "payment_intent", "id": "pi_1"}, "pi_1"),
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_2"}, "pi_2"),
        ({"object": "charge", "id": "ch_1", "payment_intent": None}, ""),
        ({"object": "customer", "id": "cus_1"}, ""),
    ],
)
def test_a_signed_report_names_the_intent_it_is_about(
    gateway: StripeGateway, settings: Settings, thing: dict[str, Any], intent_id: str
) -> None:
    body = event(thing)

    notice = gateway.read_notice(body, signed(body, settings.STRIPE_WEBHOOK_SECRETS[0]))

    assert (notice.id, notice.type, notice.intent_id) == ("evt_1", "x.y", intent_id)


def test_what_stripe_reported_can_be_read_from_its_list(
    gateway: StripeGateway,
) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    intent = authorized(gateway)

    notices = list(gateway.notices_since(before))

    assert "payment_intent.amount_capturable_updated" in {one.type for one in notices}
    assert {one.intent_id for one in notices} == {intent}
    assert not list(gateway.notices_since(before + timedelta(hours=1)))


def test_while_a_secret_is_rolled_the_old_and_the_new_one_are_right(
    gateway: StripeGateway, settings: Settings
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    body = event({"object": "payment_intent", "id": "pi_1"})

    for secret in ("whsec_new", "whsec_old"):
        assert gateway.read_notice(body, signed(body, secret)).intent_id == "pi_1"
    with pytest.raises(BadSignature):
        gateway.read_notice(body, signed(body, "whsec_sandbox"))


def test_reports_that_nobody_signed_are_refused(
    gateway: StripeGateway, settings: Settings
) -> None:
    body = event({"object": "payment_intent", "id": "pi_1"})
    (secret,) = settings.STRIPE_WEBHOOK_SECRETS
    hour_ago = time.time() - 3600

    for content, signature in (
        (body, ""),
        (body, "t=1,v1=abc"),
        (body, signed(body, "whsec_other")),
        (body, signed(body, secret, hour_ago)),
        (body + b" ", signed(body, secret)),
        (b"\xff", signed(b"\xff", secret)),
        (b"no json", signed(b"no json", secret)),
    ):
        with pytest.raises(BadSignature):
            gateway.read_notice(content, signature)
