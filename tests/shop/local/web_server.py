"""A web server of the shop's kind in this process, as a process of its own would."""

import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from shop.local.web_worker import WebWorker
from shop.web.event_streams import CLIENT, KEEPER, Event, Feed
from tests.support.waiting import wait_until

# The subscribers of all streams, in the order in which these began.
pages: list["Page"] = []

STREAM = b"GET /stream/ HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = 8_000_000  # bytes; more than the buffers of a socket


class Listener:
    """What gunicorn hands to its workers: a wrapper of the listening socket."""

    def __init__(self) -> None:
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.port: int = self.sock.getsockname()[1]


class Page:
    """A subscriber whose events are put in by the test."""

    def __init__(self) -> None:
        self.events: deque[Event | Exception] = deque()

    @property
    def feed(self) -> Feed:
        return with_events

    def event(self) -> Event:
        event = self.events.popleft()
        if isinstance(event, Exception):
            raise event
        return event


class Echo(Page):
    """A subscriber that says in capitals what it hears."""

    handshake = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"

    def received(self, data: bytes) -> None:
        self.events.append(Event("", is_last=data == b"bye", data=data.upper()))

    def beat(self) -> bytes:
        return b"(beat)"

    def farewell(self) -> bytes:
        return b"(farewell)"


def with_events(pages: Sequence[Page]) -> list[Page]:
    return [page for page in pages if page.events]


class StreamBeginning(list[bytes]):
    """What a view's answer is to the web server."""

    def __init__(self, page: Page) -> None:
        super().__init__([b"" if isinstance(page, Echo) else b"beginning"])
        self.subscriber = page

    # The server tells the length of an answer that has one piece and a length.
    def __len__(self) -> int:
        return 2


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the length of the body, a large page, slowly, or with a stream."""
    # Behind a proxy, which says whose request it is.
    environ[CLIENT] = environ.get("HTTP_X_FORWARDED_FOR", "")
    has_room = environ[KEEPER].has_room(environ[CLIENT])
    if environ["PATH_INFO"] == "/stream/" and has_room:
        start_response("200 OK", [])
        pages.append(Page())
        return StreamBeginning(pages[-1])
    if environ["PATH_INFO"] == "/echo/":
        start_response("101 Switching Protocols", [])
        pages.append(Echo())
        return StreamBeginning(pages[-1])
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/fault/":
        message = "a fault of the test"
        raise RuntimeError(message)
    if environ["PATH_INFO"] == "/slow/":
        time.sleep(0.3)
    answer = b"x" * LARGE if environ["PATH_INFO"] == "/large/" else b"%d" % len(body)
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


class Server:
    def __init__(self, **settings: Any) -> None:
        config = Config()
        defaults = {"keepalive": 1, "graceful_timeout": 0}
        for name, value in (defaults | settings).items():
            config.set(name, value)
        self.connections: list[socket.socket] = []
        self.listener = Listener()
        self.worker = WebWorker(
            0, os.getppid(), [self.listener], None, 30, config, Logger(config)
        )
        self.worker.wsgi = application
        self.thread = threading.Thread(target=self.worker.run, daemon=True)

    def connect(self, sent: bytes = b"") -> socket.socket:
        """Return a connection to this server; it is closed at the end of the test."""
        connection = socket.socket()
        self.connections.append(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", self.listener.port))
        connection.sendall(sent)
        return connection

    def ask(self, path: str = "/") -> bytes:
        """Return the answer to one quick request on a connection of its own."""
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        return read_to_end(self.connect(request.encode()))

    def open_stream(self) -> tuple[socket.socket, Page]:
        """Return a stream whose beginning has come, and its subscriber."""
        number = len(pages)
        connection = self.connect(STREAM)
        assert read_until(connection, b"beginning\r\n").startswith(b"HTTP/1.1 200 ")
        return connection, pages[number]

    def open_echo(self) -> socket.socket:
        """Return a connection that has become a WebSocket."""
        connection = self.connect(b"GET /echo/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_until(connection, b"\r\n\r\n") == Echo.handshake
        return connection

    def stop(self) -> None:
        """Stop as gunicorn does. Twice is once."""
        if self.thread.is_alive():
            self.worker.handle_exit(signal.SIGTERM, None)
            self.thread.join(10)
            assert not self.thread.is_alive()
            self.worker.tmp.close()
            # A process of gunicorn ends here, with its pipes and threads.
            threads = self.worker.threads
            wait_until(lambda: threads.number == 0, "the threads have ended")
            for server in self.worker.servers:
                server.trigger.close()


@contextmanager
def running_server(**settings: Any) -> Iterator[Server]:
    pages.clear()
    server = Server(**settings)
    server.thread.start()
    wait_until(lambda: server.ask().endswith(b"0"), "the web server answers")
    try:
        yield server
    finally:
        server.stop()
        for connection in server.connections:
            connection.close()


def read_to_end(connection: socket.socket) -> bytes:
    """Return all bytes until the server closes the connection."""
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


def read_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end):
        piece = connection.recv(65_536)
        assert piece, received
        received += piece
    return received


def read_answer(connection: socket.socket) -> bytes:
    """Return the body of one short answer on a connection that stays open."""
    received = b""
    while b"\r\n\r\n" not in received or received.endswith(b"\r\n\r\n"):
        received += connection.recv(1000)
    return received.partition(b"\r\n\r\n")[2]


def seconds_until_closed(connection: socket.socket) -> float:
    began = time.monotonic()
    assert read_to_end(connection) == b""
    return time.monotonic() - began


def is_cut_off(connection: socket.socket, piece: bytes) -> bool:
    """Send a piece again and again. Return whether the server ends that in 10 s."""
    deadline = time.monotonic() + 10
    try:
        while time.monotonic() < deadline:
            connection.sendall(piece)
            time.sleep(0.02)
    except OSError:
        return True
    return False
