"""The protocol graphql-transport-ws, spoken by bytes."""

import json
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django.fixtures import Settings
from websockets.frames import Opcode
from websockets.protocol import Protocol, Side

from api import sockets
from api.sockets import Socket, with_news
from orders.models import Order
from shop.catalogue.models import Product
from shop.web.event_streams import SocketResponse
from tests.support.keeper import Keeper, keeping
from tests.support.shopping import complete, make_order, wait_for_card

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "other, graphql-transport-ws",
}
STATUS = """subscription ($uid: UUID!) { answer: orderStatus(uid: $uid) {
  progress { outcome isFinal } } }"""
INIT = {"type": "connection_init"}


class Talk:
    """A client on a socket that no network lies between."""

    def __init__(self, kind: type[Socket] = Socket) -> None:
        self.socket = kind(RequestFactory().get("/", headers=HANDSHAKE))
        self.client = Protocol(Side.CLIENT)
        self.pongs: list[bytes] = []
        self.code: int | None = None

    def say(self, *messages: Any) -> list[Any]:
        """Send messages, and return what is answered."""
        for message in messages:
            text = message if isinstance(message, str) else json.dumps(message)
            self.client.send_text(text.encode())
        for data in self.client.data_to_send():
            self.socket.received(data)
        return self.hear()

    def hear(self) -> list[Any]:
        """Return what the socket has to tell now."""
        told = []
        for socket in with_news([self.socket]):
            self.client.receive_data(socket.event().data)
        for frame in self.client.events_received():
            opcode = getattr(frame, "opcode", None)
            data = getattr(frame, "data", b"")
            if opcode is Opcode.TEXT:
                told.append(json.loads(data))
            elif opcode is Opcode.PONG:
                self.pongs.append(bytes(data))
            elif opcode is Opcode.CLOSE:
                self.code = int.from_bytes(data[:2], "big")
        return told

    def subscribe(self, query: str, name: str = "1", **variables: Any) -> list[Any]:
        payload = {"query": query, "variables": variables}
        return self.say({"type": "subscribe", "id": name, "payload": payload})


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    assert talk.say(INIT) == [{"type": "connection_ack"}]
    return talk


def test_a_subscription_tells_each_change_and_completes(
    talk: Talk, mug: Product
) -> None:
    order: Order = make_order({"MUG-01": 1})

    def outcome(message: Any) -> Any:
        return message["payload"]["data"]["answer"]["progress"]["outcome"]

    (first,) = talk.subscribe(STATUS, uid=str(order.uid))
    assert (first["id"], first["type"], outcome(first)) == ("1", "next", "WORKING")
    assert talk.hear() == []
    wait_for_card(order)
    (second,) = talk.hear()
    assert outcome(second) == "NEEDS_CARD"
    complete(order)
    last, end = talk.hear()
    assert outcome(last) == "DONE"
    assert end == {"id": "1", "type": "complete"}
    assert talk.hear() == []


def test_a_query_is_answered_once_and_an_error_has_a_code(
    talk: Talk, mug: Product
) -> None:
    answer, end = talk.subscribe("{ categories { slug } }", name="q")
    assert answer["payload"]["data"]["categories"] == [{"slug": "kitchen"}]
    assert end == {"id": "q", "type": "complete"}
    (refused,) = talk.subscribe("{ nothing }", name="r")
    assert (refused["id"], refused["type"]) == ("r", "error")
    assert refused["payload"][0]["extensions"]["code"] == "INVALID"


def test_what_is_completed_by_the_client_is_not_told_any_more(
    talk: Talk, mug: Product
) -> None:
    order = make_order({"MUG-01": 1})
    talk.subscribe(STATUS, uid=str(order.uid))
    assert talk.say({"type": "complete", "id": "1"}) == []
    wait_for_card(order)
    assert talk.hear() == []


def test_pings_are_answered(talk: Talk) -> None:
    assert talk.say({"type": "ping"}, {"type": "pong"}) == [{"type": "pong"}]


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([INIT, INIT], 4429),
        ([{"type": "subscribe", "id": "1", "payload": {}}], 4401),
        ([INIT, {"type": "start", "id": "1"}], 4400),
        ([INIT, {"type": "subscribe"}], 4400),
        ([INIT, "no json"], 4400),
        ([INIT, "[" * 20_000], 4400),
        ([INIT, [1]], 4400),
        ([INIT, json.dumps("a" * sockets.MOST_BYTES)], 1009),
        ([INIT, *[{"type": "pong"}] * 60], 1008),
        ([INIT, {"type": "subscribe", "id": "\ud800", "payload": {}}], 4400),
    ],
)
def test_who_does_not_keep_to_the_protocol_is_disconnected(
    messages: list[Any], code: int
) -> None:
    talk = Talk()
    talk.say(*messages)
    assert talk.code == code


def test_pings_of_the_protocol_are_answered_but_not_without_end(talk: Talk) -> None:
    talk.client.send_ping(b"here?")
    talk.say()
    assert talk.pongs == [b"here?"]
    for _time in range(60):
        talk.client.send_ping(b"")
    talk.say()
    assert talk.code == 1008


def test_who_says_much_is_answered_in_turns(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "ANSWERING_SECONDS", 0.0)
    said = [talk.say(*[{"type": "ping"}] * 3), talk.hear(), talk.hear(), talk.hear()]
    assert said == [[{"type": "pong"}]] * 3 + [[]]


class Endless(Socket):
    """A socket whose client goes on talking while it is answered."""

    answered = 0

    def _answers_to(self, message: Any, size: int) -> Any:
        self.answered += 1
        if self.answered < 500:
            client = Protocol(Side.CLIENT)
            client.send_text(b'{"type": "ping"}')
            self.received(b"".join(client.data_to_send()))
        return super()._answers_to(message, size)


def test_who_never_stops_does_not_keep_the_thread() -> None:
    talk = Talk(Endless)
    assert len(talk.say(INIT)) == 1
    assert len(talk.hear()) == 1


def test_what_is_nested_too_deeply_is_an_error_of_its_operation(talk: Talk) -> None:
    deep = "[" * 480 + "]" * 480
    payload = f'{{"query": "{{ shop {{ name }} }}", "variables": {{"x": {deep}}}}}'
    (refused,) = talk.say(f'{{"type": "subscribe", "id": "1", "payload": {payload}}}')
    assert refused["payload"][0]["extensions"]["code"] == "TOO_DEEP"
    assert talk.code is None


def test_who_does_not_begin_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "INIT_SECONDS", -1.0)
    talk = Talk()
    talk.hear()
    assert talk.code == 4408


def test_one_name_is_one_subscription_and_their_number_is_limited(
    talk: Talk, mug: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = str(make_order({"MUG-01": 1}).uid)
    monkeypatch.setattr(sockets, "MOST_OPERATIONS", 2)
    for name in ("1", "2"):
        assert talk.subscribe(STATUS, name=name, uid=uid)[0]["type"] == "next"
    (refused,) = talk.subscribe(STATUS, name="3", uid=uid)
    assert refused["payload"][0]["extensions"]["code"] == "NO_STREAM"
    talk.subscribe(STATUS, name="1", uid=uid)
    assert talk.code == 4409


def test_a_name_twice_is_refused_however_long_it_is(talk: Talk, mug: Product) -> None:
    uid = str(make_order({"MUG-01": 1}).uid)
    for _time in range(2):
        talk.subscribe(STATUS, name="注文" * 40, uid=uid)
    assert talk.code == 4409


@pytest.mark.parametrize(
    ("changes", "room", "status"),
    [
        ({}, True, 101),
        ({}, False, 503),
        ({"Sec-WebSocket-Version": "8"}, True, 400),
        ({"Sec-WebSocket-Protocol": "graphql-ws"}, True, 400),
        ({"Origin": "https://elsewhere.example"}, True, 403),
        ({"Origin": "https://www.example.com"}, True, 101),
    ],
)
def test_the_handshake_says_what_is_wrong(
    settings: Settings, changes: dict[str, str], room: bool, status: int
) -> None:
    settings.API_ORIGINS = ["https://www.example.com"]
    client = Client(enforce_csrf_checks=True)
    options: Any = keeping(Keeper(has_room=room))
    answer: Any = client.get(
        reverse("api:stream"), headers=HANDSHAKE | changes, **options
    )
    assert answer.status_code == status
    if status == 101:
        assert isinstance(answer, SocketResponse)
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in (
            answer.subscriber.handshake
        )
