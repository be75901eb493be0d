"""Empty the database between tests; see ``tests.support.emptying``."""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# What Django makes after migrations, and no test changes.
KEPT = (ContentType, Permission)
# Lets rows go in any order, and past what forbids to change them, for one transaction.
UNGUARDED = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET LOCAL session_replication_role = replica",
}


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        """Delete every row but of KEPT. Sequences go on, as a TestCase asks for."""
        connection = connections[options["database"]]
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(UNGUARDED[connection.vendor])
            for table in tables_with_rows(connection):
                name = connection.ops.quote_name(table)
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608 (a model's table)


def tables_with_rows(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the tables to empty: one statement, whatever their number."""
    kept = {model._meta.db_table for model in KEPT}
    names = connection.introspection.django_table_names(
        only_existing=True, include_views=False
    )
    tables = sorted(set(names) - kept)
    each = "SELECT '{}' WHERE EXISTS (SELECT 1 FROM {})"
    asked = (each.format(table, connection.ops.quote_name(table)) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [name for (name,) in cursor.fetchall()]
