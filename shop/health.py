"""Two questions that machines ask: are you alive, and can you serve?"""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shop.local.broker import BrokerDown, ping


@require_safe
@never_cache
def livez(_request: HttpRequest) -> HttpResponse:
    """Answer 200 while this process serves requests at all; touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and broker answer, else 503 saying what is down."""
    parts = {"database": database_problem, "broker": broker_problem}
    problems = {name: problem for name, look in parts.items() if (problem := look())}
    answers = {name: problems.get(name, "ok") for name in parts}
    status = 503 if problems else 200
    return JsonResponse({"ready": not problems, **answers}, status=status)


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
