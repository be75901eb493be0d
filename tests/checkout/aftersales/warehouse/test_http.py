"""The warehouse over HTTP: what is sent, and what its answers mean."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pytest_django.fixtures import Settings

from checkout.aftersales.warehouse.http_warehouse import HttpWarehouse
from checkout.aftersales.warehouse.port import (
    Answer,
    Item,
    Misconfigured,
    NoAnswer,
    NotFound,
    NotNow,
    Recipient,
    Refused,
    Service,
    ShippingOrder,
    Standing,
    UnreadableAnswer,
    WarehouseError,
)
from shop.outbound.standard_webhooks import BadSignature, verify

pytestmark = pytest.mark.django_db

SECRET = "whsec_YS1zZWNyZXQtb2YtdGhlLXJlcG9ydHMtb25l"
NEXT_SECRET = "whsec_YS1zZWNyZXQtb2YtdGhlLXJlcG9ydHMtdHdv"
RECIPIENT = Recipient("花子 Minato", "03", "105-0011", "tokyo", "Minato-ku", "4-2-8")
SERVICE = Service("宅急便", "yamato", date(2026, 12, 1), date(2026, 12, 6), "1416")
ORDER = ShippingOrder(
    "T-1", 1, (Item("MUG-01", 2, "Mug"),), RECIPIENT, "door", "ja", SERVICE
)
STATUS = {
    "shipment": "T-1",
    "standing": "received",
    "revision": 1,
    "sequence": 0,
    "reason": "",
    "short": [],
    "parcels": [],
}


@dataclass
class Outside:
    """A server that answers what a test wants and keeps what it was sent."""

    status: int = 200
    answer: bytes = field(default_factory=lambda: json.dumps(STATUS).encode())
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def outside(settings: Settings) -> Iterator[Outside]:
    given = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            given.sent.append((headers, content))
            self.send_response(given.status)
            self.send_header("Content-Length", str(len(given.answer)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(given.answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    settings.WAREHOUSE_URL = f"http://127.0.0.1:{server.server_address[1]}/"
    settings.WAREHOUSE_SECRETS = [SECRET, NEXT_SECRET]
    yield given
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_request_is_signed_with_all_secrets_and_says_all(outside: Outside) -> None:
    found = HttpWarehouse().request(ORDER)

    (headers, content), *_more = outside.sent
    assert verify(content, headers, [SECRET]) == verify(content, headers, [NEXT_SECRET])
    with pytest.raises(BadSignature):
        verify(content + b" ", headers, [SECRET])
    message = json.loads(content)
    assert message["type"] == "shipment.request"
    assert message["data"]["items"] == [{"sku": "MUG-01", "quantity": 2, "name": "Mug"}]
    assert message["data"]["recipient"]["name"] == "花子 Minato"
    assert message["data"]["service"] == {
        "method": "宅急便",
        "carrier": "yamato",
        "ship_by": "2026-12-01",
        "deliver_on": "2026-12-06",
        "slot": "1416",
    }
    assert (found.standing, found.revision) == (Standing.RECEIVED, 1)


def test_a_status_has_parcels_and_what_is_missing(outside: Outside) -> None:
    box = {
        "id": "b1",
        "carrier": "yamato",
        "tracking_number": "1",
        "items": [{"sku": "MUG-01", "quantity": 1}],
    }
    short = [{"sku": "MUG-01", "quantity": 1}]
    more = {"standing": "short", "parcels": [box], "short": short, "sequence": 4}
    outside.answer = json.dumps(STATUS | more).encode()

    found = HttpWarehouse().status("T-1")

    assert (found.standing, found.sequence) == (Standing.SHORT, 4)
    assert found.parcels[0].items == found.short == (Item("MUG-01", 1),)


@pytest.mark.parametrize("answer", list(Answer))
def test_wishes_are_granted_refused_or_left_open(
    outside: Outside, answer: Answer
) -> None:
    outside.answer = json.dumps({"answer": answer.value}).encode()

    assert HttpWarehouse().request_cancellation("T-1") is answer
    assert HttpWarehouse().change_recipient("T-1", RECIPIENT, "leave") is answer
    _headers, content = outside.sent[-1]
    assert json.loads(content)["data"]["delivery"] == "leave"


def test_the_list_is_read_page_by_page(outside: Outside) -> None:
    outside.answer = json.dumps({"shipments": [STATUS], "next": "p2"}).encode()

    pages = HttpWarehouse().changed_since(datetime(2030, 1, 1, tzinfo=UTC))
    assert next(pages).shipment == "T-1"
    outside.answer = json.dumps({"shipments": [STATUS], "next": None}).encode()

    assert len(list(pages)) == 1
    assert json.loads(outside.sent[1][1])["data"]["after"] == "p2"


def test_a_list_that_goes_round_in_a_circle_ends(outside: Outside) -> None:
    outside.answer = json.dumps({"shipments": [], "next": "p2"}).encode()

    with pytest.raises(UnreadableAnswer, match="circle"):
        list(HttpWarehouse().changed_since(datetime(2030, 1, 1, tzinfo=UTC)))


def _error(code: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": "because"}}).encode()


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (500, b"", NoAnswer),
        (503, b"<html>", NoAnswer),
        (401, _error("bad_signature"), Misconfigured),
        (404, b"no such page", Misconfigured),
        (302, b"", Misconfigured),
        (404, _error("unknown_shipment"), NotFound),
        (422, _error("unknown_sku"), Refused),
        (429, b"", NotNow),
        (200, b"{", UnreadableAnswer),
        (200, b"[]", UnreadableAnswer),
        (200, json.dumps(STATUS | {"shipment": "T-2"}).encode(), UnreadableAnswer),
        (200, json.dumps(STATUS | {"standing": "gone"}).encode(), UnreadableAnswer),
        (200, b" " * 300_000, UnreadableAnswer),
    ],
)
def test_every_answer_has_a_meaning(
    outside: Outside, status: int, answer: bytes, expected: type[WarehouseError]
) -> None:
    outside.status, outside.answer = status, answer

    with pytest.raises(expected) as raised:
        HttpWarehouse().status("T-1")

    assert type(raised.value) is expected


def test_nobody_there_is_no_answer(settings: Settings) -> None:
    settings.WAREHOUSE_URL = "http://127.0.0.1:9/"
    settings.WAREHOUSE_SECRETS = [SECRET]

    with pytest.raises(NoAnswer):
        HttpWarehouse().status("T-1")
