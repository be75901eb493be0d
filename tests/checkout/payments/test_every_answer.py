"""Every answer that the provider may give, at its own limits, is read and stored."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.aftersales.refunds import services as refunds
from checkout.payments.gateway import PaymentError, ProviderNotice, UnreadableAnswer
from checkout.payments.unreadable import UnreadableObject
from orders.models import Order, Payment, PaymentAttempt, Refund
from saga.engine import run
from saga.models import Saga, State
from tests.support import provider_shapes as shapes
from tests.support.canned_stripe import (
    Answer,
    CannedGateway,
    CannedList,
    always,
    canned_gateway,
)
from tests.support.ordering import place
from tests.support.refunding import wish

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NONSENSE: list[object] = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"{}",
    b'"text"',
    b"[" * 20_000,
    b'{"id": ' * 2_000 + b"1" + b"}" * 2_000,
    b'{"object": "list", "data": null}',
    b'{"object": "list", "data": [null]}',
    # The SDK fails while it converts this field.
    b'{"object": "price", "unit_amount_decimal": "x"}',
    b'{"error": "text"}',
    b'{"error": {"message": 7, "code": [], "payment_intent": "pi_1"}}',
    b'{"error": {"payment_intent": {}}}',
    {"error": {"message": "\0\ud800" * 5000, "code": "\0", "decline_code": "\ud800"}},
]


class CannedStripe:
    """One intent of Stripe's with every text at its limit, and what becomes of it."""

    def __init__(self) -> None:
        self.charge = shapes.full("charge", amount=2400, amount_captured=2400)
        self.charge |= {"amount_refunded": 0, "refunds": None}
        self.intent = shapes.full("payment_intent", amount=2400, amount_received=0)
        self.intent |= {"status": "requires_payment_method", "next_action": None}
        self.refund = shapes.full("refund", amount=2400, status="succeeded")
        self.error: dict[str, Any] | None = None

    def answer(self, path: str) -> Answer:
        if path.endswith("/confirm"):
            if self.error is not None:
                return 402, {"error": {**self.error, "payment_intent": self.intent}}
            charge = self.charge
            self.intent |= {"status": "requires_capture", "latest_charge": charge}
        if path.endswith("/capture"):
            self.intent |= {"status": "succeeded", "amount_received": 2400}
        return 200, self.refund if "/refunds" in path else self.intent


@pytest.fixture
def gateway(settings: Settings) -> Iterator[CannedGateway]:
    with canned_gateway(settings) as gateway:
        yield gateway


@pytest.fixture
def stripe(gateway: CannedGateway) -> CannedStripe:
    stripe = CannedStripe()
    gateway.client.answers = stripe.answer
    return stripe


def test_an_order_is_charged_and_refunded_at_the_providers_limits(
    stripe: CannedStripe,
) -> None:
    order, saga = place()
    run(saga.pk)

    payment = Payment.objects.get(order=order)
    assert Saga.objects.main_paths().get().state == State.DONE
    assert payment.status == Payment.Status.CAPTURED
    assert (payment.intent_id, payment.charge_id) == (
        stripe.intent["id"],
        stripe.charge["id"],
    )
    assert payment.card_brand == "x" * shapes.LONGEST
    assert payment.card_last4 == "xxxx"

    refund = refunds.request_refund(Order.objects.get(), wish(order, 2400))
    refunds.settle(refund.pk)

    refund.refresh_from_db()
    assert refund.status == Refund.Status.SUCCEEDED
    assert refund.refund_id == stripe.refund["id"]


def test_a_decline_at_the_providers_limits_asks_for_another_card(
    stripe: CannedStripe,
) -> None:
    error = shapes.full("api_errors")
    stripe.error = {**error, "type": "card_error", "message": "x" * 5000}
    stripe.intent["last_payment_error"] = error
    _order, saga = place()

    run(saga.pk)

    attempt = PaymentAttempt.objects.get()
    assert attempt.outcome == PaymentAttempt.Outcome.DECLINED
    assert attempt.decline_code == "x" * shapes.LONGEST
    assert Saga.objects.main_paths().get().state == State.WAITING


def test_a_voucher_at_the_providers_limits_is_shown(stripe: CannedStripe) -> None:
    stripe.intent |= {"status": "requires_action"}
    stripe.intent["next_action"] = shapes.full("payment_intent_next_action")
    details = shapes.full("payment_intent_next_action_konbini", expanded=True)
    url = "https://payments.stripe.com/".ljust(2000, "x")
    details |= {
        "hosted_voucher_url": url,
        "expires_at": int(timezone.now().timestamp()),
    }
    stripe.intent["next_action"]["konbini_display_details"] = details
    _order, saga = place()

    run(saga.pk)

    voucher = PaymentAttempt.objects.get().voucher
    assert voucher.url == url
    assert {codes["payment_code"] for codes in voucher.stores} == {"x" * 255}


@pytest.mark.parametrize("amount", [-1, 2**63, 1e300, None, "2400"])
def test_an_intent_whose_amount_means_nothing_stops_the_order_in_words(
    stripe: CannedStripe, amount: object
) -> None:
    stripe.intent["amount"] = amount
    _order, saga = place()

    run(saga.pk)

    found = Saga.objects.main_paths().get()
    assert "payment_intent.amount is" in found.error
    assert Payment.objects.get().intent_id is None


@pytest.mark.parametrize("status", [200, 400, 402, 503])
def test_no_nonsense_of_the_provider_is_more_than_an_error_of_the_gateway(
    gateway: CannedGateway, status: int
) -> None:
    calls = (
        lambda: gateway.create("order", 1, "JPY", "key"),
        lambda: gateway.retrieve("pi_1"),
        lambda: gateway.confirm("pi_1", "ctoken_1", "https://example.com", "key"),
        lambda: gateway.retrieve_refund("re_1"),
        lambda: gateway.retrieve_dispute("du_1"),
        lambda: list(gateway.created_since(timezone.now())),
        lambda: list(gateway.refunds_of("pi_1")),
        lambda: list(gateway.disputes_since(timezone.now())),
        lambda: list(gateway.notices_since(timezone.now())),
    )
    for body in NONSENSE:
        gateway.client.answers = always(status, body)
        for call in calls:
            try:
                call()
            except PaymentError as error:
                text = str(error)
                assert len(text) < 2000
                assert "\0" not in text
                text.encode()


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 429, 500, 999])
def test_the_text_of_any_error_can_be_stored(
    stripe: CannedStripe, gateway: CannedGateway, status: int
) -> None:
    error = {**shapes.full("api_errors"), "message": "\0\ud800" + "x" * 5000}
    raw = json.dumps({"error": error}).encode()
    gateway.client.answers = always(status, raw)
    _order, saga = place()

    run(saga.pk)

    found = Saga.objects.main_paths().get()
    assert found.error
    assert found.state in (State.RUNNING, State.FAILED, State.WAITING)


Listing = Callable[[CannedGateway], Iterator[Any]]
LISTS: dict[str, tuple[str, Listing]] = {
    "created_since": ("payment_intent", lambda g: g.created_since(timezone.now())),
    "refunds_since": ("refund", lambda g: g.refunds_since(timezone.now())),
    "refunds_of": ("refund", lambda g: g.refunds_of("pi_1")),
    "disputes_since": ("dispute", lambda g: g.disputes_since(timezone.now())),
    "notices_since": ("event", lambda g: g.notices_since(timezone.now())),
}
# The field by which an object of each kind cannot be read.
BAD: dict[str, dict[str, Any]] = {
    "payment_intent": {"status": "of a later version"},
    "refund": {"currency": "nothing"},
    "dispute": {"amount": -1},
    "event": {"type": 7},
}


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("with_id", [True, False], ids=["named", "nameless"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_goes_on_after_an_object_that_cannot_be_read(
    gateway: CannedGateway, name: str, place: int, *, with_id: bool
) -> None:
    kind, listing = LISTS[name]
    there = CannedList([_readable(kind) for _number in range(5)], of_page=3)
    bad = {**there.things[place], **BAD[kind], "created": 4_102_444_800}
    there.things[place] = bad if with_id else {**bad, "id": None}
    gateway.client.answers = lambda _path: there.answer(gateway.client.url)

    found = list(listing(gateway))

    good = [one for one in found if not _is_unreadable(one)]
    expected = [one["id"] for at, one in enumerate(there.things) if at != place]
    assert [one.id for one in good] == expected
    ill = {_name_of(one) for one in found if _is_unreadable(one)}
    assert ill == {bad["id"] if with_id else ""}


def test_a_list_without_any_id_to_go_on_from_is_an_error_of_the_gateway(
    gateway: CannedGateway,
) -> None:
    things = [{**_readable("refund"), "id": None} for _number in range(4)]
    there = CannedList(things, of_page=3)
    gateway.client.answers = lambda _path: there.answer(gateway.client.url)

    with pytest.raises(UnreadableAnswer, match="no refund of a page has an id"):
        list(gateway.refunds_since(timezone.now()))


def _readable(kind: str) -> dict[str, Any]:
    if kind == "event":
        return shapes.event("charge.refunded", shapes.full("charge"))
    fixed = {"status": "succeeded", "amount_received": 0, "latest_charge": None}
    return {**shapes.full(kind), **fixed, "next_action": None}


def _is_unreadable(found: object) -> bool:
    if isinstance(found, ProviderNotice):
        return bool(found.unreadable)
    return isinstance(found, UnreadableObject)


def _name_of(found: Any) -> str:
    name: str = found.id
    return "" if name == "without a readable id" else name
