"""The open streams of a web process, kept by its loop (see shop/web/event_streams.py).

All their sockets are in one selector, which is one entry in the loop's map: waitress
asks each entry of its map whenever anything happens, and a thousand open pages would
cost more than the pages that are made beside them.
"""

import random
import selectors
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from waitress import wasyncore

from shop.local.connections import Connection
from shop.local.look import Look, Spent
from shop.web.event_streams import Event, Subscriber, Talker

MOST_STREAMS = 1000  # a process; further pages poll
# Of one internet address, which may be an office's. Those of unknown ones share all.
MOST_OF_AN_ADDRESS = 100
LASTS = 600.0  # seconds, give or take a tenth; the browser then connects again
LOOKED_EVERY = 0.2  # seconds
LOOKED_EVERY_AT_MOST = 2.0  # seconds; as often as a page polls
LOOKS_SHARE = 0.1  # of a thread's time is spent with asking, unless that is too seldom
BEATS_EVERY = 5.0  # seconds; a dead connection is only noticed by writing to it
BEAT = Event(": waiting\n\n")
READ_AT_ONCE = 65_536  # bytes
MOST_UNSENT = 4 * 1024 * 1024  # bytes that a client has not taken


@dataclass(eq=False)
class Stream:
    """A connection whose answer is not finished, and who says what is written to it."""

    connection: Connection
    subscriber: Subscriber
    client: str = ""  # the internet address, if it is known
    ends_at: float = field(default_factory=lambda: time.monotonic() + _lifetime())
    beats_at: float = field(default_factory=lambda: time.monotonic() + BEATS_EVERY)
    is_ended: bool = False

    @property
    def beat(self) -> Event:
        if isinstance(self.subscriber, Talker):
            return Event("", data=self.subscriber.beat())
        return BEAT

    @property
    def farewell(self) -> Event:
        if isinstance(self.subscriber, Talker):
            return Event("", is_last=True, data=self.subscriber.farewell())
        return Event("", is_last=True)

    def write(self, event: Event) -> None:
        """Send as much as the client takes now, and keep the rest.

        A client that asks for more than it takes is dropped: from some megabytes on
        waitress waits until they are sent, and this is the thread that sends them.
        """
        if self.is_ended:
            return
        if self.connection.total_outbufs_len > MOST_UNSENT:
            self.is_ended = self.connection.will_close = True
            return
        if data := event.data or event.text.encode():
            self.beats_at = time.monotonic() + BEATS_EVERY
            self.connection.continue_answer(data)
        if event.is_last:
            self.is_ended = True
            self.connection.end_answer()


class Streams(wasyncore.dispatcher):
    """Belongs to the loop's thread: only ``has_room`` is called by others.

    ``add_task`` takes a task for the thread that makes pages, and ``call`` lets the
    loop's thread call something.
    """

    def __init__(
        self,
        socket_map: dict[int, Any],
        add_task: Callable[[Look[Stream]], None],
        call: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(map=socket_map)
        self._add_task = add_task
        self._call = call
        self._selector = selectors.DefaultSelector()
        self._streams: dict[Connection, Stream] = {}
        self._of_client: Counter[str] = Counter()
        self._looks_at = self._rests_until = 0.0
        self._is_looking = self._is_closed = False
        self._is_urgent = False  # a client said something since the last look began
        self._fileno = self._selector.fileno()
        self.add_channel()

    def __len__(self) -> int:
        return len(self._streams)

    def __bool__(self) -> bool:
        return True

    def has_room(self, client: str) -> bool:
        """Return whether one more stream of ``client`` is kept; "": not known whose."""
        is_roomy = len(self) < MOST_STREAMS and not self._is_closed
        of_client = self._of_client[client] if client else 0
        return is_roomy and of_client < MOST_OF_AN_ADDRESS

    def add(
        self, connection: Connection, subscriber: Subscriber, client: str = ""
    ) -> None:
        """Take a connection out of the loop's map and keep it."""
        if not connection.connected:
            return
        if not self.has_room(client):
            # Others were faster since the view asked. The browser asks once more.
            connection.end_answer()
            connection.drop()
            return
        connection.del_channel()
        stream = Stream(connection, subscriber, client)
        self._streams[connection] = stream
        self._of_client[client] += 1
        self._selector.register(connection.socket, selectors.EVENT_READ, stream)

    def seconds_until_look(self) -> float:
        if not self._streams or self._is_looking:
            return LOOKED_EVERY_AT_MOST
        return max(0.0, self._looks_at - time.monotonic())

    def look(self) -> None:
        """Let a thread ask the subscribers for news, unless one just does."""
        if self._streams and not self._is_looking and not self._is_closed:
            self._is_looking, self._is_urgent = True, False

            def deliver(stream: Stream, event: Event) -> None:
                self._call(partial(self._write, stream, event))

            def done(spent: Spent) -> None:
                self._call(partial(self._looked, spent))

            self._add_task(Look(tuple(self._streams.values()), deliver, done))

    def care(self) -> None:
        """Write what keeps connections open, and end what is old, broken or late."""
        now = time.monotonic()
        for stream in list(self._streams.values()):
            if now >= stream.ends_at:
                stream.write(stream.farewell)
            elif now >= stream.beats_at:
                stream.write(stream.beat)
            stream.connection.flush()
            self._settle(stream)

    def close_all(self) -> None:
        """End all streams properly, so that browsers connect to the next process."""
        self._is_closed = True
        for stream in list(self._streams.values()):
            stream.write(stream.farewell)
            self._drop(stream)
        self.del_channel()
        self._selector.close()

    def handle_read_event(self) -> None:
        """Drop those that have gone. What others send is for those that listen."""
        for key, _events in self._selector.select(0):
            stream: Stream = key.data
            try:
                received = stream.connection.socket.recv(READ_AT_ONCE)
            except BlockingIOError:
                continue
            except OSError:
                received = b""
            if not received:
                self._drop(stream)
            elif isinstance(stream.subscriber, Talker):
                stream.subscriber.received(received)
                self._is_urgent = True
                self._looks_at = min(self._looks_at, self._rests_until)

    def writable(self) -> bool:
        return False

    def _looked(self, spent: Spent) -> None:
        self._is_looking = False
        now = time.monotonic()
        # Who never stops talking leaves as much time to others.
        rest = min(spent.asking + spent.telling, LOOKED_EVERY_AT_MOST)
        self._rests_until = now + rest
        pause = pause_after(spent)
        self._looks_at = self._rests_until if self._is_urgent else now + pause

    def _write(self, stream: Stream, event: Event) -> None:
        if stream.connection in self._streams:
            stream.write(event)
            self._settle(stream)

    def _settle(self, stream: Stream) -> None:
        """Close the connection if nothing is left to do for it."""
        connection = stream.connection
        is_sent = not connection.total_outbufs_len
        if connection.is_broken or (stream.is_ended and is_sent):
            self._drop(stream)

    def _drop(self, stream: Stream) -> None:
        if self._streams.pop(stream.connection, None):
            self._selector.unregister(stream.connection.socket)
            stream.connection.drop()
            # Addresses that have gone are not remembered.
            self._of_client[stream.client] -= 1
            if not self._of_client[stream.client]:
                del self._of_client[stream.client]


def pause_after(spent: Spent) -> float:
    """Return the seconds until the next look.

    To tell news is what the thread is for: it may take half of its time.
    """
    pause = max(spent.asking * (1 / LOOKS_SHARE - 1), spent.telling)
    return min(max(pause, LOOKED_EVERY), LOOKED_EVERY_AT_MOST)


def _lifetime() -> float:
    """Return how long a stream lasts: those that began together end apart."""
    return LASTS * random.uniform(0.9, 1.1)  # noqa: S311 (spreads a load)
