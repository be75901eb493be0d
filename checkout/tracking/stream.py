"""Server-sent events, each over a thread of the web server: few and short.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import time
from collections.abc import Callable, Iterator
from threading import BoundedSemaphore

from django.http import StreamingHttpResponse
from django.utils import translation

from checkout.status import progress
from checkout.status.progress import Progress
from orders.models import Order

# A stream keeps a thread. Half of a process's threads stay free for pages.
MOST_STREAMS = 8
LASTS = 25.0  # seconds; the browser then connects again
POLLED_EVERY = 0.3  # seconds
BEATS_EVERY = 5.0  # seconds; a dead connection is only noticed by writing to it

_slots = BoundedSemaphore(MOST_STREAMS)


class ProgressStream:
    """Yields the fragment, as ``fragment`` renders it, whenever progress changes.

    Takes one of MOST_STREAMS slots in ``open`` and returns it in ``close``, which the
    server always calls, even when nothing was ever read.
    """

    def __init__(
        self, order: Order, seen: str, fragment: Callable[[Progress], str]
    ) -> None:
        self._order = order
        self._seen = seen
        self._fragment = fragment
        self._language = translation.get_language() or "en"
        self._is_open = True

    @classmethod
    def open(
        cls, order: Order, seen: str, fragment: Callable[[Progress], str]
    ) -> "ProgressStream | None":
        """Return a stream, or None when all slots are taken."""
        if not _slots.acquire(blocking=False):
            return None
        return cls(order, seen, fragment)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            _slots.release()

    def __iter__(self) -> Iterator[str]:
        ends = time.monotonic() + LASTS
        beats = time.monotonic() + BEATS_EVERY
        yield "retry: 1000\n\n"
        while self._is_open and time.monotonic() < ends:
            now = progress.progress_of(self._order)
            if now.version != self._seen:
                self._seen = now.version
                yield self._event(now)
            if now.is_quiet:
                return
            if time.monotonic() > beats:
                beats = time.monotonic() + BEATS_EVERY
                yield ": waiting\n\n"
            time.sleep(POLLED_EVERY)

    def _event(self, now: Progress) -> str:
        # The language of the request is forgotten by the time the body is written.
        with translation.override(self._language):
            html = self._fragment(now)
        data = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
        return f"event: progress\nid: {now.version}\n{data}\n"


class StreamResponse(StreamingHttpResponse):
    def __init__(self, stream: ProgressStream) -> None:
        super().__init__(stream, content_type="text/event-stream")
        self["Cache-Control"] = "no-cache"
        self["X-Accel-Buffering"] = "no"
