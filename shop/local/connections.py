"""A connection of the web server: deadlines, limits of bodies, and a polite end.

The deadlines are those of Apache's mod_reqtimeout: some seconds to begin with, and more
for each piece that arrives, so that an honest slow line is not cut off.
"""

import copy
import fcntl
import math
import re
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from shop.local.refusals import RefusalTask
from shop.web.event_streams import CLIENT, Subscriber, Talker

HEADER_SECONDS = 20.0
BODY_SECONDS = 20.0
ANSWER_SECONDS = 30.0
BYTES_PER_SECOND = 500  # each 500 bytes of a body or an answer give a second more
LINGER_SECONDS = 2.0
RECEIVED_AT_ONCE = 65_536  # bytes

BODY_LIMIT = 2_621_440  # bytes; what Django reads of a form without files
UPLOAD_LIMIT = 32 * 1024 * 1024  # bytes; a product's form with its pictures
PHOTO_LIMIT = 11 * 1024 * 1024  # bytes; a photo of 10 MB, and the form around it
# The addresses that take files: sheets and pictures of staff, a customer's return.
UPLOADS = (
    (re.compile("/admin/"), UPLOAD_LIMIT),
    (re.compile("/orders/[0-9a-f-]{36}/returns/"), PHOTO_LIMIT),
)
INT = struct.Struct("i")
# The key in the WSGI environment.
SUBSCRIBER = "shop.stream_subscriber"


class RequestParser(HTTPRequestParser):
    """Refuses a body above the limit of its address as soon as it is known."""

    def parse_header(self, header_plus: bytes) -> None:
        # An address without a limit of its own, until the parser knows which it is.
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = BODY_LIMIT
        super().parse_header(header_plus)
        path = str(vars(self)["path"])
        self.adj.max_request_body_size = next(
            (limit for address, limit in UPLOADS if address.match(path)), BODY_LIMIT
        )


class PageTask(WSGITask):
    """Makes a page, or the beginning of a stream."""

    channel: "Connection"

    def build_response_header(self) -> bytes:
        subscriber = (self.environ or {}).get(SUBSCRIBER)
        if isinstance(subscriber, Talker):
            # Headers that belong to the connection, which WSGI leaves to the server.
            return subscriber.handshake
        return bytes(super().build_response_header())

    def finish(self) -> None:
        subscriber = (self.environ or {}).get(SUBSCRIBER)
        if subscriber is None:
            super().finish()
            return
        self.close_on_finish = False
        if not self.wrote_header:  # a WebSocket has said nothing yet
            self.write(b"")
        self.channel.client = (self.environ or {}).get(CLIENT, "")
        self.channel.become_stream(subscriber, is_chunked=self.chunked_response)


class Connection(HTTPChannel):
    """All times are of the monotonic clock; those that waitress keeps are not."""

    # What waitress has and the package of its types lacks.
    server: Any
    socket: Any
    requests: list[HTTPRequestParser]
    requests_lock: threading.Lock
    _flush_exception: Callable[..., tuple[bool, bool]]
    _flush_some: Callable[..., bool]

    parser_class = RequestParser
    task_class = PageTask
    error_task_class = RefusalTask

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.idle_since = self.request_began = self.answer_began = time.monotonic()
        self.sent_bytes = 0  # of the answer under way
        self.is_refused = False
        self.lingers_since: float | None = None
        self.subscriber: Subscriber | None = None  # of a stream
        self.client = ""  # its internet address, if it is known
        self.is_chunked = False
        super().__init__(*args, **kwargs)

    def check_deadlines(self, now: float, keepalive: float) -> None:
        """Close this connection if it is late; called about every second."""
        if now > self._deadline(keepalive):
            self.handle_close()

    def _deadline(self, keepalive: float) -> float:
        if self.lingers_since is not None:
            return self.lingers_since + LINGER_SECONDS
        if self.total_outbufs_len:
            taken = max(0, self.sent_bytes - waiting_bytes(self.socket))
            return self.answer_began + ANSWER_SECONDS + taken / BYTES_PER_SECOND
        if self.requests or self.subscriber:
            return math.inf  # its page is being made, or its stream goes on
        if self.request is None:
            return self.idle_since + keepalive
        if not self.request.headers_finished:
            return self.request_began + HEADER_SECONDS
        credit = self.request.body_bytes_received / BYTES_PER_SECOND
        return self.request_began + HEADER_SECONDS + BODY_SECONDS + credit

    def received(self, data: bytes) -> bool:
        self.idle_since = time.monotonic()
        if self.request is None:
            self.request_began = self.idle_since
        return bool(super().received(data))

    def write_soon(self, data: Any) -> int:
        if not self.total_outbufs_len:
            self.answer_began, self.sent_bytes = time.monotonic(), 0
        return int(super().write_soon(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close=do_close))
        self.sent_bytes += sent
        self.idle_since = time.monotonic()
        return sent

    def service(self) -> None:
        self.is_refused = self.requests[0].error is not None
        super().service()
        self.idle_since = time.monotonic()
        if self.subscriber:
            streams = self.server.streams
            self.server.trigger.pull_trigger(
                partial(streams.add, self, self.subscriber, self.client)
            )

    # A stream: the thread writes its beginning, the loop the rest (see streams.py).
    def become_stream(self, subscriber: Subscriber, *, is_chunked: bool) -> None:
        """Leave the answer unfinished. What else was asked here is not answered."""
        with self.requests_lock:
            for request in self.requests[1:]:
                request.close()
            del self.requests[1:]
            self.request = None
            self.subscriber, self.is_chunked = subscriber, is_chunked

    def continue_answer(self, data: bytes) -> None:
        """Send as much as the client takes now, and keep the rest."""
        size = b"%x\r\n" % len(data)
        self.write_soon(size + data + b"\r\n" if self.is_chunked else data)

    def end_answer(self) -> None:
        self.write_soon(b"0\r\n\r\n" if self.is_chunked else b"")

    def flush(self) -> None:
        """Try again to send what was kept."""
        if self.total_outbufs_len:
            with self.outbuf_lock:
                self._flush_exception(self._flush_some, do_close=False)

    @property
    def is_broken(self) -> bool:
        """Whether the client has gone, or takes the answer too slowly."""
        is_late = time.monotonic() > self._deadline(math.inf)
        return bool(self.will_close or not self.connected or is_late)

    # A refused request may still be arriving. If its connection were closed at once,
    # the kernel would answer the rest with a reset, and the client would lose the
    # refusal. So only our side is closed, and the rest is thrown away for a moment.
    def handle_close(self) -> None:
        if self.is_refused and self.connected and self.lingers_since is None:
            self.lingers_since = time.monotonic()
            self.will_close = False
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.drop()  # the client has gone already
            return
        self.drop()

    def drop(self) -> None:
        """Close both sides now, and what the answer still kept."""
        super().handle_close()

    def readable(self) -> bool:
        if self.lingers_since is not None:
            return True
        return self.subscriber is None and bool(super().readable())

    def writable(self) -> bool:
        return self.lingers_since is None and bool(super().writable())

    def handle_read(self) -> None:
        if self.lingers_since is None:
            super().handle_read()
            return
        try:
            self.recv(RECEIVED_AT_ONCE)
        except OSError:
            self.handle_close()


def waiting_bytes(connection: Any) -> int:
    """Return how much the kernel holds that the client has not taken.

    That can be megabytes, which a client that reads nothing shall get no time for.
    """
    try:
        answer = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(INT.size))
    except OSError:
        return 0  # not every system says it of a socket
    waiting: int = INT.unpack(answer)[0]
    return waiting
