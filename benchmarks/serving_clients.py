"""Clients for the comparison of web servers: shoppers, open live pages, slow ones."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_address
from itertools import cycle, islice

CLIENTS = 8
SLOW = 200
GIVEN_UP = 10.0  # seconds for one page
POLLED_EVERY = 2.0  # seconds, as a live page without a stream does
OPENED_AT_ONCE = 20
SETTLES = 2.0  # seconds
HOST = "127.0.0.1"
_FIRST = "198.18.0.0"  # RFC 2544: addresses for benchmarks
Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Rate:
    """What the clients got, in so many seconds and so much processor time."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def add(self, other: "Rate") -> None:
        self.times += other.times
        self.seconds += other.seconds
        self.cpu_seconds += other.cpu_seconds

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    @property
    def p95_ms(self) -> float:
        return 1000 * sorted(self.times)[int(len(self.times) * 0.95)]

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_seconds / max(1, len(self.times))


class Client:
    """Asks for one page after another, on one connection if the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> int:
        """Return the status of the answer. Raises OSError or TimeoutError."""
        async with asyncio.timeout(GIVEN_UP):
            return await self._get(path)

    async def _get(self, path: str) -> int:
        if self._writer is None:
            opened = await asyncio.open_connection(HOST, self._port)
            self._reader, self._writer = opened
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            if length:
                await self._reader.readexactly(int(length))
            elif b"transfer-encoding: chunked" in head:
                await self._reader.readuntil(b"0\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            self.close()
            message = "cut off"
            raise OSError(message) from error
        if b"connection: close" in head:
            self.close()
        return int(head.split()[1])

    def close(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None


async def shop(port: int, path: str, seconds: float) -> Rate:
    """Let CLIENTS clients ask for a page for so long."""
    rate = Rate()
    began = time.monotonic()
    ends = began + seconds
    await asyncio.gather(*(_shopper(port, path, ends, rate) for _ in range(CLIENTS)))
    rate.seconds = time.monotonic() - began
    return rate


async def _shopper(port: int, path: str, ends: float, rate: Rate) -> None:
    client = Client(port)
    while (began := time.monotonic()) < ends:
        try:
            status = await client.get(path)
        except (OSError, TimeoutError):
            client.close()
            rate.times.append(GIVEN_UP)
            return
        if status != HTTPStatus.OK:
            message = f"{path} answered {status}"
            raise RuntimeError(message)
        rate.times.append(time.monotonic() - began)
    client.close()


class LivePages:
    """Browsers with open live pages; those whose stream is refused poll."""

    def __init__(self, port: int, streams_port: int) -> None:
        self._port, self._streams_port = port, streams_port
        self.streaming = self.polling = self._opened = 0

    @asynccontextmanager
    async def open(self, streams: Sequence[str]) -> AsyncIterator[None]:
        """Have all of them open, and give them time to settle."""
        gate = asyncio.Semaphore(OPENED_AT_ONCE)
        pages = [asyncio.create_task(self._live(path, gate)) for path in streams]
        try:
            while self.streaming + self.polling < len(streams):  # noqa: ASYNC110 (simple)
                await asyncio.sleep(0.1)
            await asyncio.sleep(SETTLES)
            yield
        finally:
            for page in pages:
                page.cancel()
            await asyncio.gather(*pages, return_exceptions=True)

    async def _live(self, path: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            opened = await self._connect(path)
        if opened:
            reader, writer = opened
            self.streaming += 1
            try:
                while await reader.read(65_536):
                    pass
            finally:
                self.streaming -= 1
                writer.close()
        self.polling += 1
        await self._poll(path.replace("/stream/", "/progress/"))

    async def _connect(self, path: str) -> Opened | None:
        """Return the stream, or None if it was refused."""
        reader, writer = await asyncio.open_connection(HOST, self._streams_port)
        self._opened += 1
        forwarded = f"X-Forwarded-For: {ip_address(_FIRST) + self._opened}"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{forwarded}\r\n\r\n".encode()
        )
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(GIVEN_UP):
                head = await reader.readuntil(b"\r\n\r\n")
            if b"event-stream" in head:
                return reader, writer
        writer.close()
        return None

    async def _poll(self, path: str) -> None:
        client = Client(self._port)
        while True:
            await asyncio.sleep(POLLED_EVERY * random.uniform(0.5, 1.5))  # noqa: S311
            with suppress(OSError, TimeoutError):
                await client.get(path)


@asynccontextmanager
async def slow_connections(port: int, large: str) -> AsyncIterator[None]:
    """Open SLOW connections of three kinds, and leave them so.

    ``large`` is the address of a file.
    """
    kinds = cycle(
        [
            f"GET / HTTP/1.1\r\nHost: {HOST}\r\n",  # half a header
            f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9999\r\n\r\n{{",
            f"GET {large} HTTP/1.1\r\nHost: {HOST}\r\n\r\n" * 9,  # answers are not read
        ]
    )
    opened = [_open_slowly(port, begun) for begun in islice(kinds, SLOW)]
    await asyncio.sleep(SETTLES)
    try:
        yield
    finally:
        for connection in opened:
            connection.close()


def _open_slowly(port: int, begun: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(GIVEN_UP)
    with suppress(OSError):  # a server may have no room left
        connection.connect((HOST, port))
        connection.sendall(begun.encode())
    return connection
