"""Reports that cannot be taken: each is answered 400, by its own name."""

import json
import time
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.webhooks.models import ProviderEvent
from tests.checkout.payments.stripe_objects import event, signed
from tests.conftest import Clock
from tests.support.canned_stripe import CannedGateway, canned_gateway

URL = "/webhooks/stripe/"
BODY = event({"object": "payment_intent", "id": "pi_1"})
SIX_MINUTES = 360

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def stripe(settings: Settings) -> Iterator[CannedGateway]:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_ours"]
    with canned_gateway(settings) as gateway:
        yield gateway


def post(
    client: Client,
    body: bytes,
    signature: str | None = None,
    content_type: str = "application/json",
) -> tuple[int, str]:
    """Return status and text of the answer to a signed report."""
    header = signed(body, "whsec_ours") if signature is None else signature
    # ``client.post`` would send the body in the charset of the content type.
    answer = client.generic(
        "POST", URL, body, content_type, headers={"Stripe-Signature": header}
    )
    return answer.status_code, answer.content.decode()


def with_fields(**fields: object) -> bytes:
    return json.dumps({**json.loads(BODY), **fields}).encode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[]", "event is no object"),
        (b"null", "event is no object"),
        (b"7", "event is no object"),
        (b'"event"', "event is no object"),
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (BODY.replace(b"evt_1", b"evt_\xff"), "no JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (with_fields(id=None), "event.id is missing or no text"),
        (with_fields(id=7), "event.id is missing or no text"),
        (with_fields(id="evt_\0"), "event.id has letters that cannot be printed"),
        (with_fields(id="evt_\ud800"), "event.id has letters that cannot be printed"),
        (with_fields(id="e" * 256), "event.id has more than 255 letters"),
        (with_fields(type=""), "event.type is missing or no text"),
        (with_fields(type=["x"]), "event.type is missing or no text"),
        (with_fields(data=None), "event.data.object is missing"),
        (with_fields(data=[]), "event.data.object is missing"),
        (with_fields(data={"object": "pi_1"}), "event.data.object is missing"),
        (with_fields(data={"object": {"id": 7}}), "event.data.object.id is missing"),
        (
            with_fields(data={"object": {"payment_intent": "pi_\ud800"}}),
            "event.data.object.payment_intent has letters that cannot be printed",
        ),
    ],
)
def test_a_signed_report_that_cannot_be_read_says_why(
    client: Client, body: bytes, why: str
) -> None:
    status, text = post(client, body)

    assert status == 400
    assert text.startswith("the webhook is signed and cannot be read: ")
    assert why in text
    assert not ProviderEvent.objects.exists()


def test_numbers_of_any_size_in_fields_that_are_not_read_do_no_harm(
    client: Client,
) -> None:
    thing = b'{"id": "ch_1", "object": "charge", "amount": 1e999, "n": -1e999}'
    body = BODY.replace(b'{"object": "payment_intent", "id": "pi_1"}', thing)

    assert post(client, body) == (200, "")

    assert ProviderEvent.objects.get().object_id == "ch_1"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        ",",
        "=",
        "t",
        "t=,v1=",
        "v1=abc",
        "t=now,v1=abc",
        "t=1,v1=äöü",
        "t=1,v1=\u202e\ud7ff",
        "t=" + "9" * 5000 + ",v1=abc",
        "t=1,v0=abc,v1",
        "t=-1,v1=" + "a" * 64,
        "x" * 10_000,
    ],
)
def test_any_signature_that_is_not_the_providers_is_refused(
    client: Client, signature: str
) -> None:
    status, text = post(client, BODY, signature.encode().decode("latin-1"))

    assert (status, text.partition(" ")[0]) == (400, "the")
    assert "signature" in text
    assert not ProviderEvent.objects.exists()


def test_a_time_that_is_signed_and_no_time_is_refused(client: Client) -> None:
    header = signed(BODY, "whsec_ours").replace("t=", "t= ")
    assert post(client, BODY, header)[0] == 200, "spaces do no harm"

    stamp, _comma, digest = signed(BODY, "whsec_ours", 10**13).partition(",")
    assert post(client, BODY, f"{stamp},{digest}") == (
        400,
        "the webhook's signature has no time",
    )


def test_a_clock_that_is_six_minutes_ahead_is_named(
    client: Client, clock: Clock
) -> None:
    header = signed(BODY, "whsec_ours", time.time() - SIX_MINUTES)

    status, text = post(client, BODY, header)

    assert status == 400
    assert "signed 360 seconds ago by the database's clock" in text
    assert "the clock is wrong" in text
    assert not ProviderEvent.objects.exists()


def test_a_clock_that_is_behind_loses_no_report(client: Client, clock: Clock) -> None:
    header = signed(BODY, "whsec_ours", time.time() + SIX_MINUTES)

    assert post(client, BODY, header) == (200, "")

    assert ProviderEvent.objects.count() == 1


def test_a_thin_event_is_named(client: Client) -> None:
    thin = {
        "id": "evt_test_1",
        "object": "v2.core.event",
        "type": "v1.billing.meter.error_report_triggered",
        "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/x"},
    }

    status, text = post(client, json.dumps(thin).encode())

    assert status == 400
    assert "thin event (v2)" in text
    assert "snapshot events" in text


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
    ],
)
def test_the_type_of_the_content_does_not_matter(
    client: Client, content_type: str
) -> None:
    assert post(client, BODY, content_type=content_type) == (200, "")


@pytest.mark.parametrize("charset", ["hex", "shift_jis", "utf-16", "\xff", "nothing"])
def test_a_report_in_another_charset_is_refused(client: Client, charset: str) -> None:
    kind = f"application/json; charset={charset}"

    assert post(client, BODY, content_type=kind)[0] == 400
    assert not ProviderEvent.objects.exists()
