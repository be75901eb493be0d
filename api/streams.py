"""Subscriptions over server-sent events, one a connection.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md (distinct connections).
The web server's loop keeps the connection and asks ``changed`` a few times a second for
all subscriptions of the process at once (shop/web/event_streams.py, docs/adr/0067).
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import translation

from api.context import Context
from api.execution import Asked, execute
from api.subscriptions import read_marks
from api.watched import Watched
from shop.web.event_streams import Event, Feed, StreamResponse

_RETRY = "retry: 1000\n\n"  # milliseconds, until the client connects again
_COMPLETE = "event: complete\ndata:\n\n"


class Subscribed:
    """One open subscription: what was asked, and what was sent last."""

    def __init__(self, asked: Asked, context: Context) -> None:
        self._asked = asked
        self.context = context
        self._language = translation.get_language() or "en"
        self._sent: Any = None

    @property
    def watched(self) -> Watched | None:
        return self.context.watched

    @property
    def feed(self) -> Feed:
        return changed

    def news(self) -> tuple[dict[str, Any] | None, bool]:
        """Execute the document. Return its answer, and whether it is the last one.

        None instead of an answer that was sent before.
        """
        # The language of the request is forgotten by the time this is written.
        with translation.override(self._language):
            answer = execute(self._asked, self.context)
        watched = self.context.watched
        is_last = watched is None or watched.is_final or "errors" in answer
        is_new, self._sent = answer != self._sent, answer
        return (answer if is_new else None), is_last

    def event(self) -> Event:
        """Return what is new as a message of the stream."""
        answer, is_last = self.news()
        text = _next(answer, self.watched) if answer is not None else ""
        return Event(text + (_COMPLETE if is_last else ""), is_last=is_last)


def changed(open_ones: Sequence[Subscribed]) -> Iterator[Subscribed]:
    """Yield those that may have news, after two statements for each kind."""
    kinds: defaultdict[Any, set[int | str]] = defaultdict(set)
    for each in open_ones:
        if each.watched:
            kinds[each.watched.kind].add(each.watched.key)
    marks = {kind: read_marks(kind, sorted(keys)) for kind, keys in kinds.items()}
    for each in open_ones:
        watched = each.watched
        if watched and marks[watched.kind].get(watched.key) != watched.mark:
            yield each


def open_stream(asked: Asked, context: Context) -> StreamResponse:
    """Return the beginning of the subscription's stream: its first message."""
    subscribed = Subscribed(asked, context)
    event = subscribed.event()
    return StreamResponse(_RETRY + event.text, None if event.is_last else subscribed)


def _next(answer: dict[str, Any], watched: Watched | None) -> str:
    data = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    number = f"id: {watched.sequence}\n" if watched and watched.sequence else ""
    return f"event: next\n{number}data: {data}\n\n"
