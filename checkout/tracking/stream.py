"""The stream of an order: the fragment, whenever the order's progress changes."""

from collections.abc import Callable, Iterator, Sequence

from django.utils import translation

from checkout.status.changes import Mark, marks_of
from checkout.status.progress import Progress, progress_of
from orders.models import Order
from shop.web.event_streams import Event, Feed, StreamResponse

RETRY = "retry: 1000\n\n"  # milliseconds, until the browser connects again


class Watcher:
    """One open page of an order: what it has seen, and how to write its fragment."""

    def __init__(
        self, order: Order, seen: str, fragment: Callable[[Progress], str]
    ) -> None:
        self.order = order
        self.mark = self.newest = marks_of([order.pk]).get(order.pk)
        self._seen = seen
        self._fragment = fragment
        self._language = translation.get_language() or "en"

    @property
    def feed(self) -> Feed:
        return changed

    def event(self) -> Event:
        """Return the fragment if the page has not seen this progress yet."""
        mark = self.newest
        if mark is None:
            return Event("", is_last=True)  # the order is not kept any more
        # Read after the mark: what changes between the two changes the mark again.
        now = progress_of(self.order)
        text = "" if now.version == self._seen else self._text_of(now)
        self._seen, self.mark = now.version, mark
        return Event(text, is_last=now.is_quiet)

    def _text_of(self, now: Progress) -> str:
        # The language of the request is forgotten by the time this is written.
        with translation.override(self._language):
            html = self._fragment(now)
        data = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
        return f"event: progress\nid: {now.version}\n{data}\n"


def changed(watchers: Sequence[Watcher]) -> Iterator[Watcher]:
    """Yield the watchers whose orders changed, after one query for all orders."""
    marks: dict[int, Mark] = marks_of({watcher.order.pk for watcher in watchers})
    for watcher in watchers:
        watcher.newest = marks.get(watcher.order.pk)
        if watcher.newest != watcher.mark:
            yield watcher


def open_stream(watcher: Watcher) -> StreamResponse | None:
    """Return the beginning of the watcher's stream, with what it has not seen yet.

    None if the watcher has seen the order's progress to its end.
    """
    event = watcher.event()
    if event.is_last and not event.text:
        return None
    return StreamResponse(RETRY + event.text, None if event.is_last else watcher)
