"""A server that answers as badly as a test wants, one function a connection."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class RawServer:
    """``heard`` are the requests, as far as they were read."""

    host: str
    port: int
    heard: list[bytes] = field(default_factory=list)


def says(answer: bytes) -> Answer:
    return lambda connected: connected.sendall(answer)


def read_request(connected: socket.socket) -> bytes:
    """Return one request whose body is as long as it says."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = connected.recv(65_536)
        if not more:
            return read
        read += more
    head, _blank, body = read.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connected.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def raw_server(
    answer: Answer = says(OK),  # noqa: B008 (a function)
    host: str = "127.0.0.1",
    secured: ssl.SSLContext | None = None,
) -> Iterator[RawServer]:
    """Answer every connection in a thread of its own until the context ends."""
    listening = socket.create_server((host, 0))
    server = RawServer(host, listening.getsockname()[1])
    threads: list[threading.Thread] = []

    def serve(plain: socket.socket) -> None:
        with plain:
            try:
                connected = (
                    secured.wrap_socket(plain, server_side=True) if secured else plain
                )
                with connected:
                    server.heard.append(read_request(connected))
                    answer(connected)
            except OSError:
                # The shop hung up, as many of these tests want.
                return

    def accept() -> None:
        while True:
            try:
                plain, _address = listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve, args=(plain,), daemon=True)
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        # close() alone does not wake the thread that accepts.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(timeout=5)
        for thread in threads:
            thread.join(timeout=5)
