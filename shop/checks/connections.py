"""Whether the database has a connection for every thread of the shop."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from shop.checks.rules import Rule, messages

# Of the web server: what gunicorn.conf.py starts, and what loop_threads.py allows each.
WEB_PROCESSES = 2
WEB_THREADS = 16
# The sweeper and its heartbeat, a command of staff.
OTHERS = 3

_ROOM = (
    "SELECT current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
)


@register(Tags.database)
def check_connections(
    *, databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Compare WORKERS with the server. Run by ``migrate`` and ``check --database``."""
    connection = connections["default"]
    if "default" not in (databases or ()) or connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ROOM)
        (room,) = cursor.fetchone()
    return messages([connection_rule(room)])


def connection_rule(room: int) -> Rule:
    # One for each thread, and one for the heartbeat.
    worker = settings.WORKERS + 1
    needed = worker + WEB_PROCESSES * WEB_THREADS + OTHERS
    return Rule(
        "shop.W035",
        needed > room,
        f"PostgreSQL accepts {room} connections. One worker with WORKERS="
        f"{settings.WORKERS}, the web server and the sweeper may need {needed}: under "
        "load, some would be refused.",
        f"Set max_connections of PostgreSQL to {needed + room // 10} or more, or "
        "WORKERS to less.",
    )
