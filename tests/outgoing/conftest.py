"""Endpoints that listen on this machine, and events to send to them."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook

from events.bulkheads import Bulkheads
from events.consumers import find_consumer
from events.models import Delivery
from events.router import route_all
from events.sending import send_batch
from outgoing.webhooks import secrets
from outgoing.webhooks.models import Endpoint, EndpointSecret
from outgoing.webhooks.services import add
from shop.text.sealed import unseal
from tests.events.conftest import capture, kettles
from tests.support.raw_server import OK, Answer, RawServer, raw_server, says

__all__ = ["capture", "kettles"]
Listen = Callable[..., tuple[Endpoint, RawServer]]


@pytest.fixture(autouse=True)
def own_network(settings: Settings) -> None:
    settings.OUTGOING_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    settings.SITE_URL = "https://shop.example"


@pytest.fixture
def listen(kettles: None, db: None) -> Iterator[Listen]:
    """Make an endpoint behind which a server of this test's own answers."""
    with ExitStack() as servers:

        def make(
            answer: Answer = says(OK),  # noqa: B008 (a function)
            **fields: Any,
        ) -> tuple[Endpoint, RawServer]:
            server = servers.enter_context(raw_server(answer))
            return make_endpoint(server.port, **fields), server

        yield make


def make_endpoint(port: int, **fields: Any) -> Endpoint:
    given = {"name": "ERP", "url": f"http://127.0.0.1:{port}/hook", "types": "tea.*"}
    endpoint = Endpoint(**(given | fields))
    add(endpoint, "mina")
    endpoint.refresh_from_db()
    return endpoint


def says_status(status: int, more: str = "", body: str = "") -> Answer:
    head = f"HTTP/1.1 {status} Said\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}"
    return says(head.encode())


def secret_of(row: EndpointSecret) -> str:
    """Return a secret without marking it as shown."""
    return unseal(row.sealed, secrets._PURPOSE)


def boil(*litres: int) -> None:
    """Let these events happen."""
    capture(*litres)
    route_all()


def send_all(endpoint: Endpoint) -> int:
    """Send what is due, in this thread. Return how many were claimed."""
    sent = 0
    while True:
        consumer = find_consumer(endpoint.consumer)
        if consumer is None or consumer.resting:
            return sent
        claimed = send_batch(consumer)
        if not claimed:
            return sent
        sent += claimed


def send_in_threads() -> Bulkheads:
    bulkheads = Bulkheads(threading.Event())
    bulkheads.start()
    return bulkheads


def states(endpoint: Endpoint) -> list[str]:
    rows = Delivery.objects.filter(consumer=endpoint.consumer).order_by("event_id")
    return list(rows.values_list("state", flat=True))


def parts_of(request: bytes) -> tuple[dict[str, str], bytes]:
    """Return headers, their names in small letters, and the body."""
    head, _blank, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    pairs = (line.split(": ", 1) for line in lines)
    return {name.lower(): value for name, value in pairs}, body


def verified(request: bytes, secret: str) -> dict[str, Any]:
    """Return what the request says, as a receiver reads it: by the library."""
    headers, body = parts_of(request)
    said: dict[str, Any] = Webhook(secret).verify(body, headers)
    assert said == json.loads(body)
    return said


def is_secret(text: str) -> bool:
    return text.startswith("whsec_") and len(base64.b64decode(text[6:])) == 32
