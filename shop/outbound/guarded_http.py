"""HTTP requests to addresses that people type (docs/adr/0064).

The name is resolved once, what it stands for is checked, and the connection is made to
that very address: a name that stands for another address a moment later helps nobody.
The certificate is checked against the name. Redirects are not followed, no proxy is
asked, the answer is read up to a bound, and the time limit is for the whole.
"""

import http.client
import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, ip_address
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from shop.outbound.public_addresses import Address, Network, may_reach
from shop.text.typed_url import Url

_MOST_TRIED = 3  # addresses of one name
_MOST_OF_HEADERS = 65_536  # bytes


# Host and port -> the addresses that the name stands for. Raises OSError.
Resolve = Callable[[str, int], Sequence[Address]]


class GuardedRequestFailed(Exception):
    """Base: there is no answer."""


class AddressRefused(GuardedRequestFailed):
    """The host is not in the Internet but, say, in the shop's own network."""

    def __init__(self, host: str, found: Sequence[Address]) -> None:
        self.host = host
        listed = ", ".join(map(str, found[:_MOST_TRIED]))
        super().__init__(
            f"{host} stands for {listed}, which is not an address of the Internet. If "
            "it is a system of your own, add its network to OUTGOING_PRIVATE_NETWORKS"
        )


class NoAnswer(GuardedRequestFailed):
    """No connection, no certificate that fits, no HTTP, or not in time."""


@dataclass(frozen=True)
class Limits:
    """``seconds`` for everything; of the answer's body ``most`` bytes are read."""

    seconds: float = 10.0
    most: int = 16_384


@dataclass(frozen=True)
class Answer:
    """``is_cut``: the body was longer than it may be."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool

    def header(self, name: str) -> str:
        """Return the first header of this name, or ""."""
        wanted = name.lower()
        return next((text for key, text in self.headers if key.lower() == wanted), "")


def system_resolver(host: str, port: int) -> Sequence[Address]:
    """Return what this host's resolver says, without doubles."""
    tcp = {"type": socket.SOCK_STREAM, "proto": socket.IPPROTO_TCP}
    found = socket.getaddrinfo(host, port, **tcp)
    return list(dict.fromkeys(ip_address(each[4][0]) for each in found))


def post(
    url: Url,
    body: bytes,
    headers: Mapping[str, str],
    limits: Limits = Limits(),
    private: Iterable[Network] = (),
    resolve: Resolve = system_resolver,
) -> Answer:
    """Send the body and return the answer, whatever its status is.

    ``private`` are networks that may be reached beside the Internet. Raises
    AddressRefused, or NoAnswer; after the latter the other side may have had the body.
    """
    until = time.monotonic() + limits.seconds
    found = _resolve(url, until, resolve)
    allowed = [each for each in found if may_reach(each, private)]
    if not allowed:
        raise AddressRefused(url.host, found)
    try:
        with _connect(url, allowed[:_MOST_TRIED], until) as connected:
            return _exchange(url, _Timed(connected, until, limits.most), body, headers)
    except TimeoutError as error:
        message = f"{url.host} did not answer within {limits.seconds:g} seconds"
        raise NoAnswer(message) from error
    except ssl.SSLError as error:
        message = f"no secure connection to {url.host}: {_said(error)}"
        raise NoAnswer(message) from error
    except OSError as error:
        message = f"no connection to {url.host}: {_said(error)}"
        raise NoAnswer(message) from error
    except (http.client.HTTPException, ValueError) as error:
        message = f"what {url.host} answered is no HTTP: {type(error).__name__}"
        raise NoAnswer(message) from error


def _resolve(url: Url, until: float, resolve: Resolve) -> Sequence[Address]:
    """Return what the name stands for. Raises NoAnswer, also if that takes too long.

    In a thread of its own, because no time limit reaches the system's resolver; it
    ends by itself.
    """
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(url.host, url.port))
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(until))
    except (queue.Empty, TimeoutError) as error:
        message = f"the name {url.host} was not resolved in time"
        raise NoAnswer(message) from error
    if isinstance(answer, Exception):
        message = f"the name {url.host} cannot be resolved: {_said(answer)}"
        raise NoAnswer(message) from answer
    found: Sequence[Address] = answer
    return found


def _connect(url: Url, addresses: Sequence[Address], until: float) -> socket.socket:
    """Return a connection to the first address that takes it."""
    for position, address in enumerate(addresses):
        is_last = position == len(addresses) - 1
        left = _left(until) / (1 if is_last else len(addresses) - position)
        try:
            plain = _dial(address, url.port, left)
        except OSError:
            if is_last:
                raise
            continue
        if url.scheme == "http":
            return plain
        try:
            plain.settimeout(_left(until))
            return _trust().wrap_socket(plain, server_hostname=url.host)
        except BaseException:
            plain.close()
            raise
    raise OSError("no address")  # noqa: EM101 (there is always one)


def _dial(address: Address, port: int, seconds: float) -> socket.socket:
    is_old = isinstance(address, IPv4Address)
    dialled = socket.socket(socket.AF_INET if is_old else socket.AF_INET6)
    try:
        dialled.settimeout(seconds)
        dialled.connect((str(address), port))
    except BaseException:
        dialled.close()
        raise
    return dialled


@cache
def _trust() -> ssl.SSLContext:
    """Return the authorities of this host together with those that requests brings."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


class _Timed:
    """A connection as http.client uses it, with one limit of time and of bytes."""

    def __init__(self, connected: socket.socket, until: float, most: int) -> None:
        self._connected = connected
        self._until = until
        self.most = most

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._connected.settimeout(_left(self._until))
            view = view[self._connected.send(view[:16_384]) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        raw = _TimedReader(self._connected, self._until, _MOST_OF_HEADERS + self.most)
        return io.BufferedReader(raw)

    def close(self) -> None:
        """Leave it open: who made the connection ends it."""


class _TimedReader(io.RawIOBase):
    def __init__(self, connected: socket.socket, until: float, most: int) -> None:
        super().__init__()
        self._connected = connected
        self._until = until
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if self._left <= 0:
            message = "the answer is too long"
            raise ValueError(message)
        self._connected.settimeout(_left(self._until))
        read = self._connected.recv_into(into)
        self._left -= read
        return read


def _exchange(
    url: Url, connected: _Timed, body: bytes, headers: Mapping[str, str]
) -> Answer:
    connection = http.client.HTTPConnection(url.host, url.port)
    # It never opens one of its own.
    connection.auto_open = 0
    connection.sock = connected
    sent = {"Host": url.authority, "Connection": "close", **headers}
    connection.request("POST", url.target, body=body, headers=sent)
    with connection.getresponse() as response:
        content = response.read(connected.most + 1)
    return Answer(
        response.status,
        tuple(response.getheaders()),
        content[: connected.most],
        len(content) > connected.most,
    )


def _left(until: float) -> float:
    """Return the seconds that are left. Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(reason or type(error).__name__)
