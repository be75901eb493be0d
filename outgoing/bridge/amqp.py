"""AMQP 0-9-1: persistent messages to a durable topic exchange, each one confirmed.

https://www.rabbitmq.com/docs/confirms
"""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from kombu import Connection, Exchange, Producer
from kombu.exceptions import KombuError
from kombu.exceptions import OperationalError as Unreachable

from outgoing.bridge.ports import BrokerAway, Message
from outgoing.envelope import CONTENT_TYPE

_CONNECT_SECONDS, _ANSWER_SECONDS = 3, 5
_PERSISTENT = 2


class Amqp:
    """The routing key is the type of the event, so queues may bind ``order.*``."""

    def __init__(self, url: str, name: str) -> None:
        self._exchange = Exchange(name, type="topic", durable=True)
        parts = urlsplit(url)
        # Without a name the certificate would be checked, but not whose it is.
        secured = {"server_hostname": parts.hostname}
        self._connection = Connection(
            url,
            ssl=secured if parts.scheme == "amqps" else False,
            connect_timeout=_CONNECT_SECONDS,
            transport_options={"confirm_publish": True},
        )
        self._producer: Producer | None = None

    def publish(self, message: Message) -> None:
        # A refusal (nack) is one of the channel's errors.
        errors: tuple[type[BaseException], ...] = (
            *self._connection.connection_errors,
            *self._connection.channel_errors,
            *(KombuError, Unreachable, OSError),
        )
        try:
            producer = self._producer or self._open()
            producer.publish(
                message.body,
                exchange=self._exchange,
                routing_key=message.type,
                delivery_mode=_PERSISTENT,
                content_type=CONTENT_TYPE,
                content_encoding="utf-8",
                message_id=message.id,
                type=message.type,
                headers={"subject": message.subject},
                confirm_timeout=_ANSWER_SECONDS,
            )
        except errors as error:
            self.close()
            raise BrokerAway(str(error) or type(error).__name__) from error

    def close(self) -> None:
        self._producer = None
        with suppress(Exception):
            self._connection.close()

    def _open(self) -> Producer:
        self._connection.connect()
        # For all that is asked of it from here on, its end as well: a broker that is
        # out of memory takes nothing and says nothing. The one in memory has no socket.
        made: Any = self._connection.connection
        if hasattr(made, "sock"):
            made.sock.settimeout(_ANSWER_SECONDS)
        channel = self._connection.channel()
        self._exchange(channel).declare()
        self._producer = Producer(channel, auto_declare=False)
        return self._producer
