"""Konbini through the gateway, against the sandbox's real process."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from checkout.payments.gateway import IntentStatus
from checkout.payments.stripe.gateway import StripeGateway
from tests.support.orders import VISA
from tests.support.sandbox import RETURN, Sandbox


@pytest.fixture(autouse=True)
def _konbini(settings: Settings) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]


def test_a_voucher_is_issued_paid_and_read(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent = gateway.create("order-1", 3200, "JPY", "create-1")

    waiting = gateway.confirm(intent.id, sandbox.konbini_token(), RETURN, "confirm-1")

    assert (waiting.status, waiting.received) == (IntentStatus.NEEDS_CUSTOMER, 0)
    voucher = waiting.voucher
    assert voucher is not None
    days = voucher.expires_at - datetime.now(UTC)
    assert timedelta(days=2, hours=23) < days < timedelta(days=4)
    assert [codes.chain for codes in voucher.stores] == [
        "familymart",
        "lawson",
        "ministop",
        "seicomart",
    ]
    assert all(codes.payment_code.isdigit() for codes in voucher.stores)
    assert waiting.client_secret not in voucher.url

    sandbox.post("konbini", {"intent": intent.id, "result": "pay"})

    paid = gateway.retrieve(intent.id)
    assert (paid.status, paid.received) == (IntentStatus.SUCCEEDED, 3200)
    assert (paid.method, paid.voucher) == ("konbini", None)


def test_where_konbini_is_offered_a_card_still_waits_for_its_capture(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent = gateway.create("order-1", 3200, "JPY", "create-1")

    approved = gateway.confirm(intent.id, sandbox.token(VISA), RETURN, "confirm-1")

    assert (approved.status, approved.method) == (IntentStatus.CAPTURABLE, "card")
    assert approved.capture_before is not None
    charged = gateway.capture(intent.id, "capture-1")
    assert (charged.status, charged.received) == (IntentStatus.SUCCEEDED, 3200)


def test_what_a_store_does_not_take_is_offered_by_card_alone(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    gateway.create("order-1", 300_001, "JPY", "create-1")

    (intent,) = sandbox.intents()
    assert intent["payment_method_types"] == ["card"]
    assert intent["capture_method"] == "manual"
