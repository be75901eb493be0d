"""The time of the shop is the database's (docs/adr/0024).

Hosts' clocks differ. So every time that is stored, or compared with a stored one, comes
from here: as an expression within a statement, or read by a query of its own.

SQLite has no clock of its own and serves processes of one host: the host's clock is
the one that they share.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.functions import TruncDate
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

_NO_OFFSET = timedelta(0)


class Now(Expression):
    """The database's time at the beginning of the statement, plus ``offset``.

    Not the time at which the transaction began: within a long transaction the time
    goes on.
    """

    output_field = models.DateTimeField()
    allowed_default = True

    def __init__(self, offset: timedelta = _NO_OFFSET) -> None:
        super().__init__()
        self.offset = offset

    def __repr__(self) -> str:
        return f"Now({self.offset})"

    def as_sql(
        self, _compiler: SQLCompiler | None, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        if not has_own_clock(connection):
            now = timezone.now() + self.offset
            return "%s", [connection.ops.adapt_datetimefield_value(now)]
        if not self.offset:
            return "STATEMENT_TIMESTAMP()", []
        # Stable within a statement, so an index can be used for comparisons.
        return "(STATEMENT_TIMESTAMP() + %s)", [self.offset]


# A time to be stored or compared, whether it is known here or to the database only.
Time = datetime | Now


def read() -> datetime:
    """Return the database's time. Costs a query where the database has a clock."""
    connection = connections["default"]
    if not has_own_clock(connection):
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT STATEMENT_TIMESTAMP()")
        now: datetime = cursor.fetchone()[0]
        return now


def read_day() -> date:
    """Return the day in the shop's zone. Costs what ``read`` costs."""
    return timezone.localdate(read())


def today() -> TruncDate:
    """Return the expression of the day in the shop's zone."""
    return TruncDate(Now())


def has_own_clock(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the database's clock is another than this process's."""
    return connection.vendor != "sqlite"
