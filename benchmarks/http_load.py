"""Ask a page again and again with several clients: requests per second, and waits."""

import selectors
import socket
import time
from dataclasses import dataclass, field
from statistics import quantiles

CLIENTS = 8
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class NotServed(Exception):
    """The server answered something else than 200, or nothing."""


@dataclass
class Load:
    """What the clients saw. ``waits`` are seconds from each request to its answer."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    bytes_per_answer: int = 0

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def percentile(self, percent: int) -> float:
        """Return milliseconds."""
        return quantiles(self.waits, n=100)[percent - 1] * 1000

    def add(self, other: "Load") -> None:
        self.seconds += other.seconds
        self.waits += other.waits
        self.bytes_per_answer = other.bytes_per_answer


def ask(
    port: int,
    path: str,
    seconds: float,
    headers: dict[str, str] | None = None,
    clients: int = CLIENTS,
    body: str = "",
) -> Load:
    """Let ``clients`` ask for ``path`` over kept connections, one after the other.

    A ``body`` is posted as JSON. Raises NotServed.
    """
    request = _request(port, path, headers or {}, body)
    selector = selectors.DefaultSelector()
    load = Load()
    begun = time.perf_counter()
    for _ in range(clients):
        client = _Client(port, request)
        selector.register(client.socket, selectors.EVENT_READ, client)
    while time.perf_counter() - begun < seconds:
        ready = selector.select(timeout=30)
        if not ready:
            message = f"{path}: no answer for 30 s"
            raise NotServed(message)
        for key, _events in ready:
            client = key.data
            if client.read():
                load.waits.append(time.perf_counter() - client.sent)
                load.bytes_per_answer = client.length
                client.send()
    load.seconds = time.perf_counter() - begun
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    selector.close()
    return load


class _Client:
    """One connection; the next request goes out when an answer is there."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = request
        self.send()

    def send(self) -> None:
        self.received = b""
        self.length = 0
        self.sent = time.perf_counter()
        self.socket.sendall(self.request)

    def read(self) -> bool:
        """Read what is there. Return whether the answer is complete."""
        part = self.socket.recv(262_144)
        self.received += part
        head, separator, body = self.received.partition(_HEAD_END)
        if not part or (separator and not head.startswith(b"HTTP/1.1 200")):
            raise NotServed(self.received[:200])
        if not self.length and separator:
            lines = head.lower().split(b"\r\n")
            named = next(line for line in lines if line.startswith(_LENGTH))
            self.length = int(named.removeprefix(_LENGTH))
        return bool(separator) and len(body) >= self.length


def _request(port: int, path: str, headers: dict[str, str], body: str) -> bytes:
    sent = {"Host": f"127.0.0.1:{port}", "Accept-Encoding": "gzip, br", **headers}
    if body:
        size = str(len(body.encode()))
        sent |= {"Content-Type": "application/json", "Content-Length": size}
    method = "POST" if body else "GET"
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {sent[name]}" for name in sent)]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
