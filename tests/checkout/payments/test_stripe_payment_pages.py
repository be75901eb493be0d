"""Payment pages at the sandbox's real process, with Stripe's own SDK."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from checkout.payments.gateway import (
    IntentStatus,
    NotFound,
    OutcomeUnknownError,
    Refused,
)
from checkout.payments.payment_pages import PageRequest, PageStatus, ProviderPage
from checkout.payments.provider_fields import ProviderObject, Unreadable
from checkout.payments.stripe.gateway import StripeGateway
from checkout.payments.stripe.payment_pages import read_payment_page
from tests.support.sandbox import RETURN, Sandbox

CARD = {"number": "4242424242424242", "expiry": "1234", "cvc": "123"}
REQUEST = PageRequest(
    order="order-1",
    label="Order 261130-ABCDEF",
    amount=3200,
    currency="JPY",
    email="hanako@example.com",
    language="ja",
    expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1),
    success_url=RETURN,
    back_url=RETURN,
)


def pay(page: ProviderPage) -> None:
    requests.post(page.url, data=CARD, allow_redirects=False, timeout=20)


def test_a_page_is_opened_read_and_paid(gateway: StripeGateway) -> None:
    page = gateway.open_page(REQUEST, "k1")
    assert (page.status, page.intent_id) == (PageStatus.OPEN, "")
    assert page.expires_at == REQUEST.expires_at
    assert gateway.open_page(REQUEST, "k1") == page

    pay(page)

    paid = gateway.read_page(page.id)
    assert (paid.status, paid.url) == (PageStatus.COMPLETE, "")
    intent = gateway.retrieve(paid.intent_id)
    assert (intent.status, intent.order) == (IntentStatus.CAPTURABLE, "order-1")
    assert gateway.capture(intent.id, "k2").received == REQUEST.amount


def test_a_page_without_a_mail_address_is_opened(gateway: StripeGateway) -> None:
    assert gateway.open_page(replace(REQUEST, email=""), "k1").url


def test_a_closed_page_takes_no_card(gateway: StripeGateway, sandbox: Sandbox) -> None:
    page = gateway.open_page(REQUEST, "k1")
    closed = gateway.close_page(page.id, "k2")
    assert closed.status is PageStatus.EXPIRED
    assert gateway.close_page(page.id, "k2") == closed
    pay(page)
    assert sandbox.intents() == []
    with pytest.raises(Refused, match="can be expired"):
        gateway.close_page(page.id, "k3")


def test_a_page_that_was_paid_cannot_be_closed(gateway: StripeGateway) -> None:
    page = gateway.open_page(REQUEST, "k1")
    pay(page)
    with pytest.raises(Refused, match="complete"):
        gateway.close_page(page.id, "k2")


def test_a_page_of_another_account_is_not_found(gateway: StripeGateway) -> None:
    with pytest.raises(NotFound):
        gateway.read_page("cs_test_other")


@pytest.mark.parametrize("kind", ["cut_after", "withhold"])
def test_an_answer_that_is_lost_is_unknown(
    gateway: StripeGateway, sandbox: Sandbox, kind: str
) -> None:
    sandbox.fault("checkout.sessions.create", kind, times=2, seconds=1.5)
    with pytest.raises(OutcomeUnknownError):
        gateway.open_page(REQUEST, "k1")
    assert gateway.open_page(REQUEST, "k1").status is PageStatus.OPEN


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"status": "paused"}, "status"),
        ({"status": None}, "status"),
        ({"url": None}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"status": "complete"}, "payment_intent"),
        ({"expires_at": None}, "expires_at"),
        ({"id": ""}, "id"),
    ],
)
def test_an_answer_that_cannot_be_read_names_its_field(
    changed: dict[str, object], named: str
) -> None:
    whole: dict[str, object] = {
        "id": "cs_1",
        "status": "open",
        "url": "https://checkout.stripe.com/c/pay/cs_1#fid",
        "payment_intent": None,
        "expires_at": 1_800_000_000,
    }
    assert read_payment_page(ProviderObject(whole, "checkout.session")).id == "cs_1"
    with pytest.raises(Unreadable, match=f"checkout.session.{named}"):
        read_payment_page(ProviderObject(whole | changed, "checkout.session"))
