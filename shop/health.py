"""Health checks for load balancers and monitoring: alive, and ready to serve."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from checkout.announcements.services import active_announcements
from saga.heartbeat import SILENT_AFTER, last_seen
from shop.local.broker import BrokerDown, ping

_OK = "ok"


@require_safe
@never_cache
def livez(_request: HttpRequest) -> HttpResponse:
    """Answer 200 without asking database or broker."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 if database and broker answer, else 503 with the part that is down.

    The state of checkout, sweeper and worker is included, but does not change the
    status: pages are served without them.
    """
    answers = {"database": _answer_of(ping_database), "broker": _answer_of(ping_broker)}
    is_ready = set(answers.values()) == {_OK}
    more = {"checkout": checkout(), **processes()} if answers["database"] == _OK else {}
    status = 200 if is_ready else 503
    return JsonResponse({"ready": is_ready, **answers, **more}, status=status)


def checkout() -> str:
    """Return whether orders are taken: ``open`` or ``paused``."""
    return "paused" if active_announcements().pause else "open"


def processes() -> dict[str, str]:
    """Return for every needed process ``ok``, or how long it has been silent."""
    seen, now = last_seen(), timezone.now()
    return {role: _age(seen.get(role), now) for role in ("sweeper", "worker")}


def _age(seen_at: datetime | None, now: datetime) -> str:
    if seen_at is None:
        return "never seen"
    if now - seen_at <= SILENT_AFTER:
        return _OK
    return f"silent for {int((now - seen_at).total_seconds())} s"


def ping_database() -> None:
    """Ask the database for an answer. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ping_broker() -> None:
    """Ask the broker for an answer. Raises BrokerDown.

    Without it orders are still taken, and completed more slowly by the sweeper.
    """
    ping(settings.REDIS_URL)


def _answer_of(ping_part: Callable[[], None]) -> str:
    """Return ``ok``, or the kind of error by which the part is down."""
    try:
        ping_part()
    except (DatabaseError, BrokerDown) as error:
        return describe(error)
    return _OK


def describe(error: Exception) -> str:
    # The answer is public, and the text of a driver can hold host and user names.
    return f"down ({type(error.__cause__ or error).__name__})"
