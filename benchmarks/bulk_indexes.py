"""Take the indexes of some tables away while millions of rows are written.

A row that is added to an index costs more than the row itself; making an index of rows
that are there costs one sort. What a primary key or a constraint of PostgreSQL rests on
stays.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, models

ON_POSTGRESQL = """
    SELECT i.relname, pg_get_indexdef(x.indexrelid)
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relname = %s
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
"""
# Indexes without SQL belong to the table's own keys.
ON_SQLITE = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL
"""


@contextmanager
def taken_away(tables: Iterable[type[models.Model]]) -> Iterator[None]:
    """Drop the indexes of these models' tables, and make them again at the end.

    Belongs into a transaction: if the block fails, nothing has been dropped.
    """
    query = ON_SQLITE if connection.vendor == "sqlite" else ON_POSTGRESQL
    with connection.cursor() as cursor:
        indexes: list[tuple[str, str]] = []
        for table in tables:
            cursor.execute(query, [table._meta.db_table])  # noqa: SLF001
            indexes += cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
