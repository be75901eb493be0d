"""A webhook receiver that checks signatures and keeps all events, in order."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

SECRET = "whsec_sandbox"


class Receiver:
    def __init__(self) -> None:
        self.events: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.answers: list[int] = []  # statuses for the next deliveries, then 200
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook?shop=1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        for kept in (self.events, self.headers, self.bodies, self.answers):
            kept.clear()

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def wait(self, met: Callable[[], bool], seconds: float = 8) -> None:
        limit = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < limit, f"arrived so far: {self.types()}"
            time.sleep(0.02)

    def wait_for(self, *kinds: str) -> None:
        self.wait(lambda: set(kinds) <= set(self.types()))


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            event = stripe.Webhook.construct_event(
                body, self.headers["Stripe-Signature"], SECRET
            )
            receiver.bodies.append(body)
            receiver.headers.append(dict(self.headers.items()))
            receiver.events.append(event)
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    return Handler
