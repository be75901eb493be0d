"""The version of all that guests are shown, but for time and stock."""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

from django.db import connection

from shop import database_clock
from shop.database_clock import Now

_T = TypeVar("_T")

# One statement for each guest's page: without the ORM it costs a tenth of it.
_READ = "SELECT CAST(SUM(token) AS BIGINT) FROM catalogue_windowversion"
_READ_WITH_TIME = (
    "SELECT CAST(SUM(token) AS BIGINT), STATEMENT_TIMESTAMP() "
    "FROM catalogue_windowversion"
)
# The last beginning, end or release that has come. Each is one look at an index.
_READ_WITH_CHANGES = """
SELECT CAST(SUM(token) AS BIGINT),
    (SELECT MAX(sale_from) FROM catalogue_variant WHERE sale_from <= {now}),
    (SELECT MAX(sale_until) FROM catalogue_variant WHERE sale_until <= {now}),
    (SELECT MAX(released_at) FROM catalogue_product
     WHERE is_active AND released_at <= {now}),
    {now}
FROM catalogue_windowversion
"""


def read_version() -> int | None:
    """Return the version of all that was committed; None: nothing was ever changed.

    Read it before what it shall stand for: then something newer may be kept under an
    old version, but nothing old under a new one.
    """
    return read_moment()[0]


def read_moment() -> tuple[int | None, datetime]:
    """Return the version, and the database's time, by one statement."""
    has_clock = database_clock.has_own_clock(connection)
    with connection.cursor() as cursor:
        cursor.execute(_READ_WITH_TIME if has_clock else _READ)
        found = cursor.fetchone()
    return found[0], found[1] if has_clock else database_clock.read()


def read_stamp() -> tuple[int | None, Hashable]:
    """Return the version, and what changes whenever the clock changes a page.

    That is each new minute, in which deadlines are shown, and each moment at which a
    price changes or a product comes on sale. One statement.
    """
    now, parameters = Now().as_sql(None, connection)
    statement = _READ_WITH_CHANGES.format(now=now)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters * statement.count(now))
        version, *changes, time = cursor.fetchone()
    # A clock is read as a time; what stands for one (SQLite) comes back as it was sent.
    minute = time.strftime("%d%H%M") if isinstance(time, datetime) else time[:16]
    return version, (minute, *changes)


class Kept(Generic[_T]):
    """What ``read`` returned, read again only when the shop window has changed.

    ``read`` asks nothing but tables with ``InShopWindow``, and nothing that changes
    with the time or the language. All threads share what it returns.
    """

    def __init__(self, read: Callable[[], _T]) -> None:
        self._read = read
        self._latest: tuple[int, _T] | None = None

    def get(self) -> _T:
        """Return what is committed now. Costs one query while nothing changes."""
        version, latest = read_version(), self._latest
        if version is not None and latest is not None and latest[0] == version:
            return latest[1]
        value = self._read()
        if version is not None:
            self._latest = (version, value)
        return value
