"""Brokers that the shop does not run: Sentinels, RabbitMQ, and both kinds of TLS."""

import re
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError

from shop.configuration.broker import Broker, BrokerDown, describe, ping
from tests.chaos.brokers import sender
from tests.shop.outbound.test_guarded_http import certificate
from tests.support.rabbitmq import NoRabbitMQ, is_installed, running_rabbitmq
from tests.support.raw_server import raw_server
from tests.support.sentinels import MASTER, SENTINELS_PASSWORD, running_sentinels
from tests.support.waiting import wait_until

pytestmark = pytest.mark.long
QUEUE = "checkout.reserve_stock"


def send(broker: Broker) -> None:
    """Send a message as the shop does. Raises what Celery raises."""
    with sender(broker) as celery:
        celery.send_task(QUEUE, args=(7,), queue=QUEUE, retry=False, confirm_timeout=3)


def received(broker: Broker) -> list[int]:
    """Take what waits in the queue."""
    taken = []
    with (
        sender(broker) as celery,
        celery.connection_for_read() as connection,
        connection.channel() as channel,
    ):
        queue = celery.amqp.queues[QUEUE](channel)
        queue.declare()
        while message := queue.get():
            taken += message.payload[0]
            message.ack()
    return taken


def why_down(broker: Broker) -> str:
    """Return the client's message; "" if the broker answers."""
    try:
        ping(broker)
    except BrokerDown as down:
        return down.reason or "it does not say"
    return ""


def is_down(broker: Broker) -> bool:
    return bool(why_down(broker))


def test_after_a_failover_of_the_sentinels_messages_go_to_the_new_master() -> None:
    with running_sentinels() as sentinels:
        broker = sentinels.broker
        send(broker)
        assert received(broker) == [7]

        sentinels.kill_master()

        wait_until(lambda: not is_down(broker), "the new master answers")
        send(broker)
        assert received(broker) == [7]
        wrong = describe(
            sentinels.url, master="other", sentinel_password=SENTINELS_PASSWORD
        )
        assert is_down(wrong), "of a name that nobody watches"
        wrong = describe(sentinels.url, master=MASTER, sentinel_password="wrong")
        assert is_down(wrong)
        sentinels.kill()
        assert is_down(broker)


@pytest.mark.skipif(not is_installed(), reason=str(NoRabbitMQ()))
def test_rabbitmq_takes_messages_into_quorum_queues_unless_it_is_full() -> None:
    with running_rabbitmq() as node:
        send(node.broker)
        assert received(node.broker) == [7]
        assert node.ctl("list_queues", "name", "type").split()[-2:] == [QUEUE, "quorum"]

        node.fill()
        # Whoever sends waits for its word, but not for ever.
        with pytest.raises(OperationalError, match="timed out"):
            send(node.broker)
        node.empty()

        node.purge([QUEUE, "a.queue.that.nobody.declared"])
        send(node.broker)
        assert received(node.broker) == [7]
        node.kill()
        assert is_down(node.broker)


@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
@pytest.mark.parametrize(
    ("name", "trusts", "refusal"),
    [
        ("127.0.0.1", False, "CERTIFICATE_VERIFY_FAILED"),
        ("other.example", True, "not valid for"),
        # The server says nothing after that.
        ("127.0.0.1", True, "imed out|imeout"),
    ],
)
def test_a_broker_behind_tls_shows_a_certificate_for_its_name(
    scheme: str, name: str, trusts: bool, refusal: str, tmp_path: Path
) -> None:
    ca_file = str(tmp_path / "ca.pem") if trusts else ""
    with raw_server(secured=certificate(tmp_path, name)) as server:
        broker = describe(f"{scheme}://127.0.0.1:{server.port}", ca_file=ca_file)
        # A machine that is busy elsewhere may not get so far within a second.
        wait_until(lambda: re.search(refusal, why_down(broker)), refusal)
