"""Migrations' operations that let customers go on: on PostgreSQL without long locks.

On SQLite, which has one writer and no such statements, they are Django's ordinary ones.
An index belongs in a migration with ``atomic = False``, and ``ValidateOnline`` in
another migration than its ``AddCheckOnline`` (docs/how-to/migration.md).
"""

from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db.migrations.operations import AddConstraint, AddIndex


class AddIndexOnline(AddIndexConcurrently):
    """Build an index while rows are written (``CREATE INDEX CONCURRENTLY``)."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        states = (app_label, schema_editor, from_state, to_state)
        if is_postgresql(schema_editor):
            super().database_forwards(*states)
        else:
            AddIndex.database_forwards(self, *states)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        states = (app_label, schema_editor, from_state, to_state)
        if is_postgresql(schema_editor):
            super().database_backwards(*states)
        else:
            AddIndex.database_backwards(self, *states)


class AddCheckOnline(AddConstraintNotValid):
    """Hold new rows to a check at once; ValidateOnline reads the old ones."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        states = (app_label, schema_editor, from_state, to_state)
        if is_postgresql(schema_editor):
            super().database_forwards(*states)
        else:
            AddConstraint.database_forwards(self, *states)


class ValidateOnline(ValidateConstraint):
    """Read all old rows against a check, while they are written."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if is_postgresql(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def is_postgresql(schema_editor: Any) -> bool:
    return bool(schema_editor.connection.vendor == "postgresql")
