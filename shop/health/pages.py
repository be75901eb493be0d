"""Health checks for load balancers and monitoring: alive, and ready to serve."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.cache import caches
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from checkout.alerts.clocks import describe as describe_clock
from checkout.announcements.services import active_announcements
from saga.heartbeat import SILENT_AFTER, last_seen, wrong_clocks
from shop import database_clock
from shop.configuration.broker import BrokerDown, ping
from shop.health.queues import describe_listeners
from shop.health.write_probe import refusal_of, write_and_delete

logger = logging.getLogger(__name__)

_OK = "ok"
_WELL = (_OK, "open", "paused")
_HANGS = "no answer yet"
ASKED_EVERY = 1.0  # seconds
ANSWERED_WITHIN = 10.0  # seconds
_KEY = "readyz"
_asking = threading.Lock()


@require_safe
@never_cache
def livez(_request: HttpRequest) -> HttpResponse:
    """Answer 200 without asking database or broker."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database takes writes and the broker answers, else 503.

    ``ill`` names in words each part that is not well. Checkout, processes,
    queues and clocks do not change the status: pages are served without them.
    """
    answers = coalesced_answers()
    needed = (answers["database"], answers["broker"])
    is_ready = all(answer == _OK for answer in needed)
    ill = [f"{part}: {says}" for part, says in answers.items() if says not in _WELL]
    status = 200 if is_ready else 503
    return JsonResponse({"ready": is_ready, **answers, "ill": ill}, status=status)


def coalesced_answers() -> dict[str, str]:
    """Return what the parts answered, asked by one thread at most once a second.

    So it is no load and keeps no threads, however often anybody asks: while one thread
    waits for a part that hangs, the others say so at once.
    """
    kept: tuple[float, dict[str, str]] | None = caches["pages"].get(_KEY)
    if kept is not None and time.monotonic() - kept[0] < ASKED_EVERY:
        return kept[1]
    if not _asking.acquire(blocking=False):
        if kept is not None and time.monotonic() - kept[0] < ANSWERED_WITHIN:
            return kept[1]
        return {"database": _HANGS, "broker": _HANGS}
    try:
        answers = ask_parts()
        caches["pages"].set(_KEY, (time.monotonic(), answers))
        return answers
    finally:
        _asking.release()


def ask_parts() -> dict[str, str]:
    """Return for every part ``ok``, or what is wrong with it."""
    answers = {"database": database(), "broker": _answer_of(ping_broker)}
    if answers["database"].startswith("down"):
        return answers
    try:
        more = {
            "checkout": checkout(),
            **processes(),
            "queues": describe_listeners(),
            "clocks": clocks(),
        }
    except Error as error:
        return {**answers, "database": describe(error)}
    return {**answers, **more}


def database() -> str:
    """Return ``ok``, why it refuses writes, or how it is down."""
    try:
        write_and_delete()
    except Error as error:
        refusal = refusal_of(error)
        if refusal:
            logger.warning("the database %s: %s", refusal, error)
        return refusal or describe(error)
    return _OK


def checkout() -> str:
    """Return whether orders are taken: ``open`` or ``paused``."""
    return "paused" if active_announcements().pause else "open"


def processes() -> dict[str, str]:
    """Return for every needed process ``ok``, or how long it has been silent."""
    seen, now = last_seen(), database_clock.read()
    return {role: _age(seen.get(role), now) for role in ("sweeper", "worker")}


def _age(seen_at: datetime | None, now: datetime) -> str:
    if seen_at is None:
        return "never seen"
    if now - seen_at <= SILENT_AFTER:
        return _OK
    return f"silent for {int((now - seen_at).total_seconds())} s"


def clocks() -> str:
    """Return ``ok``, or which roles' hosts have a wrong clock, and by how much."""
    # The answer is public: without the hosts' names.
    wrong = [f"{beat.role} {describe_clock(beat)}" for beat in wrong_clocks()]
    return ", ".join(wrong) or _OK


def ping_broker() -> None:
    """Ask the broker for an answer. Raises BrokerDown.

    Without it orders are still taken, and completed more slowly by the sweeper.
    """
    ping(settings.BROKER)


def _answer_of(ping_part: Callable[[], None]) -> str:
    """Return ``ok``, or the kind of error by which the part is down."""
    try:
        ping_part()
    except BrokerDown as error:
        return describe(error)
    return _OK


def describe(error: Exception) -> str:
    # The answer is public, and the text of a driver can hold host and user names.
    return f"down ({type(error.__cause__ or error).__name__})"
