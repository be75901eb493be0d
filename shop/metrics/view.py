"""The answer to Prometheus. It is for who knows METRICS_TOKEN, and nobody else."""

import os
import secrets
import threading
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from shop.metrics.pages import PAGES
from shop.metrics.state import State

# Several Prometheus servers, or an impatient one, read the database once.
KEPT_FOR = 5.0  # seconds

_STATE = CollectorRegistry()
_STATE.register(State())


class _Kept:
    """The last answer about the state, and the lock of who reads it anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text = b""
        self._until = 0.0

    def read(self) -> bytes:
        with self._lock:
            if time.monotonic() >= self._until:
                self._text = generate_latest(_STATE)
                self._until = time.monotonic() + KEPT_FOR
            return self._text

    def forget(self) -> None:
        self._until = 0.0


STATE = _Kept()


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in the text format of Prometheus. Without METRICS_TOKEN there is none."""
    if not settings.METRICS_TOKEN:
        return HttpResponseNotFound("Set METRICS_TOKEN.\n", content_type="text/plain")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        refusal = HttpResponse("A token is needed.\n", status=401)
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    return HttpResponse(_pages() + STATE.read(), content_type=CONTENT_TYPE_LATEST)


def _pages() -> bytes:
    """Return what all web processes of this host counted, or this one alone."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(PAGES)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
