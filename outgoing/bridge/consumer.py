"""The bridge as a consumer of events: all of them, in order per subject."""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from events.consumers import Consumer
from events.models import Event
from events.sending import Unavailable
from outgoing.bridge.amqp import Amqp
from outgoing.bridge.ports import Broker, BrokerAway, Message
from outgoing.bridge.redis_streams import RedisStreams
from outgoing.envelope import envelope, write
from shop.text.redaction import redact_text

logger = logging.getLogger(__name__)

NAME = "bridge"
BATCH = 200

_when_away: list[Callable[[str], None]] = []


def when_away(tell: Callable[[str], None]) -> None:
    """Call this, in no transaction, each time that the broker is found to be away."""
    if tell not in _when_away:
        _when_away.append(tell)


def provide() -> Iterator[Consumer]:
    if settings.EVENTS_BRIDGE_URL:
        yield Consumer(
            name=NAME,
            patterns=("*",),
            handle=publish,
            in_order=True,
            is_outside=True,
            tells_people=True,
            batch=BATCH,
        )


def publish(event: Event) -> None:
    """Hand the event to the broker. Raises Unavailable: no attempt counts."""
    message = Message(
        id=str(event.uid),
        type=event.type,
        subject=event.subject,
        body=write(envelope(event)),
    )
    try:
        _broker().publish(message)
    except BrokerAway as error:
        said = redact_text(str(error))
        for tell in _when_away:
            tell(said)
        # Without what stands before the @: it may be a password.
        host = urlsplit(settings.EVENTS_BRIDGE_URL).netloc.rpartition("@")[2]
        text = f"the broker of EVENTS_BRIDGE_URL ({host}) is away: {said}"
        raise Unavailable(text) from error


def _broker() -> Broker:
    return connect(
        settings.EVENTS_BRIDGE_URL,
        settings.EVENTS_BRIDGE_NAME,
        settings.EVENTS_BRIDGE_KEPT,
    )


@cache
def connect(url: str, name: str, kept: int) -> Broker:
    """Return the broker behind the URL; one for the whole process.

    Only one thread of a process publishes at a time.
    """
    if urlsplit(url).scheme.startswith("redis"):
        return RedisStreams(url, name, kept)
    return Amqp(url, name)
