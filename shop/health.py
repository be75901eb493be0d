"""Health checks for load balancers and monitoring: alive, and ready to serve."""

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
    parts = {"database": check_database, "broker": check_broker}
    problems = {name: found for name, check in parts.items() if (found := check())}
    answers = {name: problems.get(name, "ok") for name in parts}
    status = 503 if problems else 200
    more = {} if "database" in problems else {"checkout": checkout(), **processes()}
    return JsonResponse({"ready": not problems, **answers, **more}, status=status)


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
        return "ok"
    return f"silent for {int((now - seen_at).total_seconds())} s"


def check_database() -> str | None:
    """Return why the database cannot be used, or None."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return describe(error)
    return None


def check_broker() -> str | None:
    """Return why the broker cannot be used, or None.

    Without it orders are still taken, and completed more slowly by the sweeper.
    """
    try:
        ping(settings.REDIS_URL)
    except BrokerDown as error:
        return describe(error)
    return None


def describe(error: Exception) -> str:
    # The answer is public, and the text of a driver can hold host and user names.
    return f"down ({type(error.__cause__ or error).__name__})"
