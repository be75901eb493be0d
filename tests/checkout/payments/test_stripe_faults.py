"""Errors of the provider through the gateway, against the sandbox's process."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout.payments.gateway import IntentStatus, NotNow, OutcomeUnknownError
from checkout.payments.stripe.gateway import StripeGateway
from tests.checkout.payments.stripe_objects import TRIES, authorized
from tests.support.orders import VISA
from tests.support.sandbox import RETURN, Sandbox


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


def test_a_listing_that_breaks_off_in_the_middle_is_an_error_of_ours(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    for number in range(101):
        gateway.create(f"order-{number}", 2400, "JPY", f"k{number}")
    sandbox.fault("list", "error_before", status=500, times=TRIES, skip=1)

    with pytest.raises(OutcomeUnknownError):
        list(gateway.created_since(datetime.now(UTC) - timedelta(minutes=5)))
