"""Streams of server-sent events, which the web server's loop keeps open.

A view answers with the beginning of a stream and names its subscriber. The web server
(shop/local/streams.py) keeps the connection without a thread. It asks the subscribers'
feed a few times a second, for all subscribers of the process at once, which of them
have news. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest, StreamingHttpResponse

# The key in the WSGI environment of a web server that keeps streams.
KEEPER = "shop.stream_keeper"


@dataclass(frozen=True)
class Event:
    """What is written to a stream, and whether it ends with that."""

    text: str
    is_last: bool = False


class Subscriber(Protocol):
    """One open stream, as the room sees it that fills it."""

    @property
    def feed(self) -> "Feed": ...

    def event(self) -> Event:
        """Return what is new; an empty text if nothing is, after all."""
        ...


class Feed(Protocol):
    def __call__(self, subscribers: Sequence[Any], /) -> Iterable[Subscriber]:
        """Return those of this feed's subscribers that may have news: one query."""
        ...


class Keeper(Protocol):
    """What a web server that keeps streams puts into the WSGI environment."""

    def has_room(self) -> bool: ...


class StreamResponse(StreamingHttpResponse):
    """The beginning of a stream. The web server goes on with what it is subscribed to.

    A stream whose beginning is its end has no subscriber.
    """

    def __init__(self, beginning: str, subscriber: Subscriber | None) -> None:
        super().__init__([beginning], content_type="text/event-stream")
        self["Cache-Control"] = "no-cache"
        self["X-Accel-Buffering"] = "no"
        self.subscriber = subscriber


def has_room(request: HttpRequest) -> bool:
    """Return whether the web server keeps streams, and has room for one more."""
    keeper: Keeper | None = request.META.get(KEEPER)
    return keeper is not None and keeper.has_room()
