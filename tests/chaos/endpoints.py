"""Two systems of other people that hear of a run's orders, one of them unreliable.

Each request is checked by the library that receivers use. A system has received an
event once a request with it was read in full and not refused, even if the shop did
not wait for the answer.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from events.models import CapturedRow, Delivery, Event
from outgoing.webhooks import secrets
from outgoing.webhooks.models import Endpoint
from outgoing.webhooks.services import add, remove, send_again, send_test, switch_on
from tests.chaos.counts import Counts
from tests.chaos.plans import Partner

TYPES = "order.* payment.*"
PATIENCE = 60.0  # seconds until everything is received, once all works again
SLOW = 1.5  # seconds; longer than WEBHOOK_TIMEOUT of this shop


@dataclass
class Received:
    """What one system has been sent: the bodies of each event, and what was wrong."""

    name: str
    bodies: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    unsigned: int = 0
    fault: Partner | None = None  # what it does instead of answering at once


class System(ThreadingHTTPServer):
    """Another system. ``webhook`` verifies, once the endpoint has its secret."""

    daemon_threads = True
    webhook: Webhook

    def __init__(self, name: str, fault: Partner | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received = Received(name, fault=fault)
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    server: System

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.server.received.fault
        if fault is Partner.DEAD:
            self.close_connection = True
            return
        if fault is Partner.ERROR:
            self._answer(500)
            return
        self._answer(self._keep(body), SLOW if fault is Partner.SLOW else 0.0)

    def _keep(self, body: bytes) -> int:
        received = self.server.received
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            try:
                self.server.webhook.verify(body, headers)
            except WebhookVerificationError:
                received.unsigned += 1
                return 400
            received.bodies[headers["webhook-id"]].append(body)
        return 204

    def _answer(self, status: int, pause: float = 0.0) -> None:
        time.sleep(pause)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the shop keeps each attempt."""


@dataclass
class Partners:
    """The endpoints of one run and the systems behind them."""

    pairs: list[tuple[Endpoint, System]]

    def heal(self) -> None:
        """Let all answer again. Staff test each endpoint and send what waits."""
        for endpoint, system in self.pairs:
            system.received.fault = None
            endpoint.refresh_from_db()
            switch_on(endpoint)
            send_test(endpoint)
            waiting = Delivery.objects.waiting().filter(consumer=endpoint.consumer)
            send_again(waiting)

    def count(self, counts: Counts, numbers: Collection[str]) -> None:
        """Wait until each has what it wants of these orders, then count what misses."""
        wanted: set[str] = set()
        deadline = time.monotonic() + PATIENCE
        while True:
            wanted = wanted_events(numbers)
            late = any(wanted - set(one.received.bodies) for _row, one in self.pairs)
            if (
                not (late or CapturedRow.objects.exists())
                or time.monotonic() > deadline
            ):
                break
            time.sleep(0.2)
        for _row, system in self.pairs:
            with system.lock:
                count_received(counts, system.received, wanted)


def wanted_events(numbers: Iterable[str]) -> set[str]:
    """Return the identifiers of all events of these orders that endpoints want."""
    rows = Event.objects.filter(subject__in=[f"order/{number}" for number in numbers])
    ours = [event for event in rows if event.type.startswith(("order.", "payment."))]
    return {str(event.uid) for event in ours}


def count_received(counts: Counts, received: Received, wanted: Iterable[str]) -> None:
    """Count what one system lacks, and record what it should not have been sent."""
    missing = [uid for uid in wanted if not received.bodies.get(uid)]
    if missing:
        what = f"{received.name} never received {len(missing)} events: {missing[:3]}"
        counts.webhooks_missing += counts.record(what, len(missing))
    for uid, bodies in received.bodies.items():
        if len(set(bodies)) > 1:
            counts.record(f"{received.name} received {uid} with different bodies")
    if received.unsigned:
        what = f"{received.name} received {received.unsigned} with a wrong signature"
        counts.record(what)


@contextmanager
def partners(seed: int, fault: Partner) -> Iterator[Partners]:
    """Let staff add two endpoints, and remove them at the end of the run."""
    systems = [System(f"good-{seed}", None), System(f"{fault}-{seed}", fault)]
    made: list[tuple[Endpoint, System]] = []
    try:
        for system in systems:
            url = f"http://127.0.0.1:{system.server_address[1]}/hook"
            endpoint = Endpoint(name=system.received.name, url=url, types=TYPES)
            add(endpoint, "chaos")
            made.append((endpoint, system))
            system.webhook = Webhook(secrets.signing(endpoint)[0])
            threading.Thread(target=system.serve_forever, daemon=True).start()
        yield Partners(made)
    finally:
        remove(endpoint for endpoint, _system in made)
        for _endpoint, system in made:
            system.shutdown()
        for system in systems:
            system.server_close()
