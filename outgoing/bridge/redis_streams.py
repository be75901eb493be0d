"""Redis Streams: one entry for each event, behind one key.

https://redis.io/docs/latest/develop/data-types/streams/
"""

from contextlib import suppress
from typing import Any

import redis

from outgoing.bridge.ports import BrokerAway, Message

_CONNECT_SECONDS, _ANSWER_SECONDS = 3, 5


class RedisStreams:
    """``kept``: about how many entries the stream keeps; 0 keeps all of them."""

    def __init__(self, url: str, name: str, kept: int) -> None:
        self._name = name
        self._kept = kept
        self._client = redis.Redis.from_url(
            url.replace("redis+socket://", "unix://", 1),
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
        )

    def publish(self, message: Message) -> None:
        fields: dict[Any, Any] = {
            "id": message.id,
            "type": message.type,
            "subject": message.subject,
            "event": message.body,
        }
        trim: dict[str, Any] = {"maxlen": self._kept} if self._kept else {}
        try:
            self._client.xadd(self._name, fields, **trim)
        except (redis.RedisError, OSError) as error:
            self.close()
            raise BrokerAway(str(error) or type(error).__name__) from error

    def close(self) -> None:
        with suppress(redis.RedisError, OSError):
            self._client.close()
