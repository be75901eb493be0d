"""Two questions that machines ask: are you alive, and can you serve?"""

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
    """Answer 200 while this process serves requests at all; touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and broker answer, else 503 saying what is down.

    Checkout, sweeper and worker are told of as well, but do not decide: pages are
    served without them.
    """
    parts = {"database": database_problem, "broker": broker_problem}
    problems = {name: problem for name, look in parts.items() if (problem := look())}
    answers = {name: problems.get(name, "ok") for name in parts}
    status = 503 if problems else 200
    told = {} if "database" in problems else {"checkout": checkout(), **processes()}
    return JsonResponse({"ready": not problems, **answers, **told}, status=status)


def checkout() -> str:
    """Say whether orders are taken."""
    return "paused" if active_announcements().pause else "open"


def processes() -> dict[str, str]:
    """Say of every needed process when it was last heard of."""
    seen, now = last_seen(), timezone.now()
    return {role: _age(seen.get(role), now) for role in ("sweeper", "worker")}


def _age(seen_at: datetime | None, now: datetime) -> str:
    if seen_at is None:
        return "never seen"
    if now - seen_at <= SILENT_AFTER:
        return "ok"
    return f"silent for {int((now - seen_at).total_seconds())} s"


def database_problem() -> str | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return short(error)
    return None


def broker_problem() -> str | None:
    """An order is taken with the broker down, too; only slower, by the sweeper."""
    try:
        ping(settings.REDIS_URL)
    except BrokerDown as error:
        return short(error)
    return None


def short(error: Exception) -> str:
    # The answer is public, and a driver's text can hold host and user names.
    return f"down ({type(error.__cause__ or error).__name__})"
