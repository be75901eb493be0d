"""The bridge to a broker: a real Valkey, and Kombu's broker in memory."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import redis
from django.conf import settings as django_settings
from kombu import Connection, Exchange, Queue
from pytest_django.fixtures import Settings

from checkout.alerts import notices
from events.consumers import Consumer, find_consumer
from events.models import Delivery
from events.sending import Unavailable, send_batch
from outgoing.bridge import consumer as bridge
from outgoing.bridge.amqp import Amqp
from outgoing.bridge.ports import BrokerAway, Message
from saga.alerting import alert_staff
from saga.models import Alert
from shop import database_clock
from shop.local.broker import server_argv
from tests.conftest import Clock
from tests.outgoing.conftest import boil
from tests.shop.outbound.test_guarded_http import certificate
from tests.support.raw_server import raw_server

pytestmark = pytest.mark.django_db
STREAM = "shop.events"
ONE = Message("1-2-3", "order.placed", "order/A", '{"id":"1-2-3"}')


@contextmanager
def running_valkey(folder: Path) -> Iterator[redis.Redis]:
    socket = folder / "v.sock"
    with subprocess.Popen(server_argv(folder, socket)) as process:
        client = redis.Redis.from_url(f"unix://{socket}")
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        try:
            yield client
        finally:
            client.close()
            process.terminate()


@pytest.fixture
def bridged(tmp_path: Path, settings: Settings, kettles: None) -> Iterator[Path]:
    settings.EVENTS_BRIDGE_URL = f"redis+socket://{tmp_path}/v.sock"
    settings.EVENTS_BRIDGE_NAME = STREAM
    bridge.connect.cache_clear()
    yield tmp_path
    bridge._broker().close()
    bridge.connect.cache_clear()


def found() -> Consumer:
    consumer = find_consumer(bridge.NAME)
    assert consumer is not None
    return consumer


def litres(entries: Any) -> list[int]:
    return [json.loads(fields[b"event"])["data"]["litres"] for _id, fields in entries]


def test_without_a_setting_there_is_no_bridge(kettles: None) -> None:
    assert django_settings.EVENTS_BRIDGE_URL == ""
    assert find_consumer(bridge.NAME) is None


def test_a_broker_that_is_away_loses_nothing_and_catches_up_in_order(
    bridged: Path, clock: Clock
) -> None:
    boil(*range(20, 40))
    for _hour in range(24):
        with pytest.raises(Unavailable, match="EVENTS_BRIDGE_URL"):
            send_batch(found())
        alert_staff(database_clock.read())
        clock.shift(3600)
        boil(40 + 2 * _hour)
    waiting = Delivery.objects.waiting()
    assert set(waiting.values_list("attempts", flat=True)) == {0}
    assert Alert.objects.filter(topic="bridge_away").count() == 4
    title, _lines = notices.write(Alert.objects.latest("pk"))
    assert title == "The events' broker is away: 44 events wait"

    with running_valkey(bridged) as client:
        while send_batch(found()):
            pass
        entries: Any = client.xrange(STREAM)

    sent = litres(entries)
    assert sorted(sent) == [*range(20, 40), *range(40, 88, 2)]
    for parity in (0, 1):
        mine = [each for each in sent if each % 2 == parity]
        assert mine == sorted(mine)
    _id, fields = entries[0]
    said = json.loads(fields[b"event"])
    assert fields[b"id"].decode() == said["id"]
    assert (fields[b"type"], fields[b"subject"]) == (b"tea.boiled", b"kettle/0")
    assert not Delivery.objects.waiting().exists()


def test_a_stream_keeps_about_as_many_as_it_may(
    bridged: Path, settings: Settings
) -> None:
    settings.EVENTS_BRIDGE_KEPT = 100
    with running_valkey(bridged) as client:
        for number in range(600):
            bridge._broker().publish(Message(str(number), "a.b", "c", "{}"))
        assert 100 <= client.xlen(STREAM) < 600


def test_a_broker_that_takes_nothing_is_away(bridged: Path) -> None:
    with running_valkey(bridged) as client:
        client.set(STREAM, "no stream")
        with pytest.raises(BrokerAway, match="WRONGTYPE"):
            bridge._broker().publish(ONE)


def test_amqp_gets_a_persistent_message_by_its_type() -> None:
    amqp = Amqp("memory://", STREAM)
    exchange = Exchange(STREAM, type="topic", durable=True)
    with Connection("memory://") as connection, connection.channel() as channel:
        orders = Queue("orders", exchange, routing_key="order.*")(channel)
        stock = Queue("stock", exchange, routing_key="stock.#")(channel)
        orders.declare()
        stock.declare()

        amqp.publish(ONE)

        message = orders.get(no_ack=True)
        assert stock.get(no_ack=True) is None
    amqp.close()
    assert message is not None
    assert json.loads(cast("bytes", message.body)) == {"id": "1-2-3"}
    assert message.content_type == "application/cloudevents+json; charset=utf-8"
    assert str(message.properties["delivery_mode"]) == "2"
    assert message.properties["message_id"] == "1-2-3"
    assert message.headers["subject"] == "order/A"


def test_amqp_that_is_away_says_so_without_the_password() -> None:
    amqp = Amqp("amqp://shop:hidden-word@127.0.0.1:1/", STREAM)

    with pytest.raises(BrokerAway) as away:
        amqp.publish(ONE)

    assert "hidden-word" not in str(away.value)


def test_amqps_is_spoken_with_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate is a good one, and another host's."""
    secured = certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with raw_server(secured=secured) as server:
        amqp = Amqp(f"amqps://shop:word@127.0.0.1:{server.port}/", STREAM)
        with pytest.raises(BrokerAway, match="not valid for"):
            amqp.publish(ONE)

    assert server.heard == []


def frame(payload: bytes) -> bytes:
    """Return a method of the connection as AMQP 0-9-1 frames it."""
    return b"\x01\x00\x00" + len(payload).to_bytes(4, "big") + payload + b"\xce"


START = frame(
    b"\x00\x0a\x00\x0a\x00\x09\x00\x00\x00\x00"
    b"\x00\x00\x00\x05PLAIN\x00\x00\x00\x05en_US"
)
TUNE = frame(b"\x00\x0a\x00\x1e\x00\x00\x00\x02\x00\x00\x00\x00")
OPEN_OK = frame(b"\x00\x0a\x00\x29\x00")


def test_amqp_that_falls_silent_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection, and says nothing more."""
    monkeypatch.setattr("outgoing.bridge.amqp._ANSWER_SECONDS", 0.2)
    ended = threading.Event()

    def serve() -> None:
        connected, _address = listening.accept()
        with connected:
            for answer in (START, TUNE, OPEN_OK):
                connected.recv(65_536)
                connected.sendall(answer)
            ended.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(BrokerAway):
            Amqp(f"amqp://shop:word@127.0.0.1:{port}/", STREAM).publish(ONE)
        took = time.monotonic() - began
        ended.set()
        thread.join(5)

    assert took < 5
