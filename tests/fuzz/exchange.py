"""Send bytes to a web server as they are, which no HTTP client would, and read on."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

SECONDS = 30.0  # for one answer
MOST_READ = 2_000_000
ENDLESS = b"text/event-stream"


class NoAnswer(Exception):
    """The server closed the connection, or said nothing in time."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


def exchange(port: int, request: bytes) -> Answer:
    """Return the answer to one request. Raises NoAnswer."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        # It may answer and close before it has read everything.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        try:
            return read(connection)
        except OSError as error:
            message = f"no answer: {error}"
            raise NoAnswer(message) from error


def read(connection: socket.socket) -> Answer:
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
        head = received.partition(b"\r\n\r\n")[0].lower()
        if ENDLESS in head or len(received) > MOST_READ:
            break
    if not received.startswith(b"HTTP/"):
        message = f"no answer, but {received[:100]!r}"
        raise NoAnswer(message)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("iso-8859-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
    return Answer(int(first.split()[1]), headers, body)
