"""A proxy between the shop and PostgreSQL that can lose answers."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

COMMIT = b"COMMIT\0"  # the end of the simple query with which psycopg commits
CHUNK = 65536


@dataclass
class Proxy:
    """Forwards all data, except for the answers that it shall lose."""

    port: int
    lost: int = 0  # commits so far whose answer was lost
    _to_lose: int = 0
    _lost_the_last: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lose_commits(self, number: int) -> None:
        """Let the server do ``number`` commits, and cut the line before it answers.

        Never two in succession, so that a client that tries again succeeds.
        """
        with self._lock:
            self._to_lose = number

    def loses(self, data: bytes) -> bool:
        """Return whether the answer to ``data`` is to be lost, and count it."""
        if COMMIT not in data:
            return False
        with self._lock:
            self._lost_the_last = bool(self._to_lose) and not self._lost_the_last
            self._to_lose -= self._lost_the_last
            self.lost += self._lost_the_last
            return self._lost_the_last


@contextmanager
def proxy_to(server_port: int) -> Iterator[Proxy]:
    """Run a proxy to the server on ``server_port``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(listener.getsockname()[1])
        thread = threading.Thread(
            target=_accept, args=(proxy, listener, server_port), daemon=True
        )
        thread.start()
        yield proxy
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(proxy: Proxy, listener: socket.socket, server_port: int) -> None:
    while True:
        try:
            shop, _address = listener.accept()
        except OSError:
            return  # the end
        try:
            server = socket.create_connection(("127.0.0.1", server_port))
        except OSError:
            shop.close()  # the server refused
            continue
        line = _Line(proxy, shop, server)
        threading.Thread(target=line.carry, daemon=True).start()


@dataclass
class _Line:
    """One connection. If one side ends it, it ends for the other, too."""

    proxy: Proxy
    shop: socket.socket
    server: socket.socket
    swallow: bool = False

    def carry(self) -> None:
        """Forward data both ways until one side ends."""
        with self.shop, self.server:
            for end in (self.shop, self.server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = threading.Thread(target=self.answer, daemon=True)
            answers.start()
            self.ask()
            answers.join()

    def ask(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.shop.recv(CHUNK):
                self.swallow = self.proxy.loses(data)
                self.server.sendall(data)
        self._cut()

    def answer(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.server.recv(CHUNK):
                if self.swallow:
                    break
                self.shop.sendall(data)
        self._cut()

    def _cut(self) -> None:
        for end in (self.shop, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
