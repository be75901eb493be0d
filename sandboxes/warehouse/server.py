"""HTTP: the shop's calls, the control addresses and the page."""

import json
import socket
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from sandboxes.warehouse import api, faults, orders, pages
from sandboxes.warehouse.api import Reply, Settings
from sandboxes.warehouse.store import Store, read

_LARGEST_BODY = 262_144


class Server(ThreadingHTTPServer):
    """One thread per connection; none of them keeps the process alive."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], store: Store, settings: Settings
    ) -> None:
        self.store = store
        self.settings = settings
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/healthz":
            self._send(200, b"ok", "text/plain")
        elif path == "/":
            page = pages.home(self.server.store).encode()
            self._send(200, page, "text/html; charset=utf-8")
        elif path.startswith("/_sandbox/") and not self._is_foreign():
            self._control(path.removeprefix("/_sandbox/"), {})
        else:
            self._json(Reply(404, {"error": {"code": "no_page", "message": path}}))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self._body()
        if body is None:
            reply = {"error": {"code": "too_large", "message": "at most 256 KB"}}
            self.close_connection = True
            self._json(Reply(413, reply))
        elif not path.startswith("/_sandbox/"):
            headers = {name.lower(): value for name, value in self.headers.items()}
            store, settings = self.server.store, self.server.settings
            self._json(api.answer(store, settings, headers, body))
        elif not self._is_foreign():
            self._control_with(path.removeprefix("/_sandbox/"), body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: the process shares its terminal with others."""

    def _is_foreign(self) -> bool:
        """Refuse pages of other origins: only scripts and commands may control it."""
        if self.headers.get("Origin") is None:
            return False
        self._json(Reply(403, {"error": {"code": "origin", "message": "Foreign."}}))
        return True

    def _body(self) -> bytes | None:
        """Return the body, or None for a large one.

        Raises ConnectionAbortedError if its sender is gone before the end.
        """
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            return None
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionAbortedError
        return body

    def _control_with(self, name: str, body: bytes) -> None:
        try:
            given = json.loads(body or b"{}")
            self._control(name, given)
        except (faults.UnknownFault, ValueError, TypeError) as error:
            message = {"code": "refused", "message": str(error)}
            self._json(Reply(400, {"error": message}))

    def _control(self, name: str, given: dict[str, Any]) -> None:
        """Do what a tester asks. See the README for the addresses."""
        store = self.server.store
        if name in ("orders", "reports", "faults"):
            self._json(Reply(200, {name: self._listed(name)}))
        elif name == "fault":
            self._json(Reply(200, faults.arm(store, given)))
        elif name == "clear":
            cleared = faults.clear(store, str(given.get("kind", "")))
            self._json(Reply(200, {"cleared": cleared}))
        elif name == "take_back":
            self._take_back(given)
        elif name == "clock":
            offset = store.advance(float(given.get("seconds", 0)))
            self._json(Reply(200, {"offset": offset}))
        elif name == "reset":
            store.reset()
            self._json(Reply(200, {}))
        else:
            self._json(Reply(404, {"error": {"code": "no_act", "message": name}}))

    def _listed(self, name: str) -> list[dict[str, Any]]:
        store = self.server.store
        if name == "faults":
            return faults.listed(store)
        if name == "orders":
            return [
                read(row) for row in store.rows("SELECT * FROM orders ORDER BY rowid")
            ]
        return [
            dict(row) for row in store.rows("SELECT * FROM reports ORDER BY number")
        ]

    def _take_back(self, given: dict[str, Any]) -> None:
        """Report that the goods of an order came back."""
        store = self.server.store
        order = store.order(str(given.get("shipment", "")))
        if order is None:
            message = {"code": "unknown_shipment", "message": "no such order"}
            self._json(Reply(404, {"error": message}))
            return
        with store.transaction():
            items = orders.take_back(store, order, is_unfit=bool(given.get("unfit")))
        self._json(Reply(200, {"items": items}))

    def _json(self, reply: Reply) -> None:
        if reply.cut:
            # A reset: the shop sees an error and not an end.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = json.dumps(reply.body, ensure_ascii=False).encode()
        self._send(reply.status, content, "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
