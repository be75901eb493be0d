"""Streams of server-sent events, which the web server's loop keeps open.

A view answers with the beginning of a stream and names its subscriber. The web server
(shop/local/streams.py) keeps the connection without a thread. It asks the subscribers'
feed a few times a second, for all subscribers of the process at once, which of them
have news. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from django.http import HttpRequest, StreamingHttpResponse

from shop.web.client_address import client_address

# The key in the WSGI environment of a web server that keeps streams.
KEEPER = "shop.stream_keeper"
# And of the internet address that a stream is counted for, "" if it is not known.
CLIENT = "shop.stream_client"


@dataclass(frozen=True)
class Event:
    """What is written to a stream, and whether it ends with that.

    ``data`` is written in place of the text where a subscriber speaks in bytes.
    """

    text: str
    is_last: bool = False
    data: bytes = b""


class Subscriber(Protocol):
    """One open stream, as the room sees it that fills it."""

    @property
    def feed(self) -> "Feed": ...

    def event(self) -> Event:
        """Return what is new; an empty text if nothing is, after all."""
        ...


@runtime_checkable
class Talker(Subscriber, Protocol):
    """A subscriber that also hears its client: a WebSocket.

    The loop's thread calls ``received``, ``beat`` and ``farewell``: they must not wait.
    ``event`` is called soon after something was received.
    """

    handshake: bytes

    def received(self, data: bytes) -> None: ...

    def beat(self) -> bytes:
        """Return what keeps the connection open."""
        ...

    def farewell(self) -> bytes:
        """Return what is said last when the server ends the connection."""
        ...


class Feed(Protocol):
    def __call__(self, subscribers: Sequence[Any], /) -> Iterable[Subscriber]:
        """Return those of this feed's subscribers that may have news: one query."""
        ...


class Keeper(Protocol):
    """What a web server that keeps streams puts into the WSGI environment."""

    def has_room(self, client: str) -> bool: ...


class StreamResponse(StreamingHttpResponse):
    """The beginning of a stream. The web server goes on with what it is subscribed to.

    A stream whose beginning is its end has no subscriber.
    """

    def __init__(self, beginning: str, subscriber: Subscriber | None) -> None:
        super().__init__([beginning], content_type="text/event-stream")
        self["Cache-Control"] = "no-cache"
        self["X-Accel-Buffering"] = "no"
        self.subscriber = subscriber


class SocketResponse(StreamingHttpResponse):
    """The switch to a WebSocket: the web server answers with its handshake."""

    status_code = 101

    def __init__(self, subscriber: Talker) -> None:
        super().__init__([b""])
        self.subscriber = subscriber


def has_room(request: HttpRequest) -> bool:
    """Return whether the web server keeps streams, and has room for this visitor's.

    The stream that the view then begins is counted for the visitor's address.
    """
    keeper: Keeper | None = request.META.get(KEEPER)
    client = request.META[CLIENT] = client_address(request)
    return keeper is not None and keeper.has_room(client)
