"""HTTP: keep-alive connections, answers in one packet, and cut connections."""

import gzip
import io
import json
import socket
import struct
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from sandboxes.stripe import api, control_api, pages
from sandboxes.stripe.api import Answer, Request
from sandboxes.stripe.sandbox import Sandbox

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Stripe-Version, "
    "Idempotency-Key",
    "Access-Control-Expose-Headers": "Request-Id, Idempotent-Replayed",
    "Access-Control-Max-Age": "600",
}
_LARGEST_BODY = 1_000_000


class Server(ThreadingHTTPServer):
    """One thread per connection; none of them keeps the process alive."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that hang up; print any other error."""
        del request, client_address
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            traceback.print_exc()


class Handler(BaseHTTPRequestHandler):
    """Handles three kinds of addresses: API, control, pages and scripts."""

    protocol_version = "HTTP/1.1"
    server: Server
    # Buffered, so that head and body are sent together: unbuffered, they cost a
    # delayed acknowledgement of 40 ms.
    wbufsize = 65536
    disable_nagle_algorithm = True
    timeout = 120

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def do_OPTIONS(self) -> None:
        self._read()
        self._send(204, b"", {**_CORS})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: the process shares its terminal with others."""

    def _serve(self, method: str) -> None:
        address = urlsplit(self.path)
        body = self._read()
        if address.path.startswith("/v1/"):
            self._api(method, address.path, address.query, body)
        elif self._foreign():
            # A page of another origin must not control the sandbox; scripts and
            # commands send no Origin.
            self._json(Answer(403, {"error": {"message": "Foreign origin."}}), {})
        elif address.path.startswith("/_sandbox/"):
            self._control(method, address.path, address.query, body)
        else:
            page = pages.serve(
                self.server.sandbox, method, address.path, address.query, body
            )
            self._send(page.status, *self._compressed(page.content, page.headers))

    def _compressed(
        self, content: bytes, headers: dict[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Return a page's content and headers, as Stripe sends its own to browsers."""
        if not content or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return content, headers
        more = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return gzip.compress(content), {**headers, **more}

    def _foreign(self) -> bool:
        origin = self.headers.get("Origin")
        return origin is not None and origin != f"http://{self.headers.get('Host')}"

    def _read(self) -> str:
        """Return the body. Raises ConnectionAbortedError if its sender is gone.

        Without its end, a request would be another one, and its answer be kept under
        the key of the whole one.
        """
        length = min(int(self.headers.get("Content-Length") or 0), _LARGEST_BODY)
        body = self.rfile.read(length) if length else b""
        if len(body) < length:
            raise ConnectionAbortedError
        return body.decode("utf-8", "replace")

    def _api(self, method: str, path: str, query: str, body: str) -> None:
        result = api.answer(
            self.server.sandbox,
            Request(
                method,
                path,
                "&".join(part for part in (query, body) if part),
                self.headers.get("Authorization", ""),
                self.headers.get("Idempotency-Key"),
                self.headers.get("Stripe-Version"),
            ),
        )
        if result.cut:
            self._cut()
            return
        self._json(result, _CORS)

    def _control(self, method: str, path: str, query: str, body: str) -> None:
        self._json(
            control_api.answer(self.server.sandbox, method, path, query, body), {}
        )

    def _json(self, result: Answer, more: dict[str, str]) -> None:
        content = json.dumps(result.body).encode()
        headers = {"Content-Type": "application/json", **more, **result.headers}
        self._send(result.status, content, headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        headers.setdefault("Cache-Control", "no-store")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _cut(self) -> None:
        """Reset the connection, so that the client sees an error and not an end."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()
        # The base class flushes and closes these after us: give it an empty pair.
        self.wfile = io.BytesIO()
