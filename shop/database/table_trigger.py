"""Triggers that belong to a table as its constraints do.

Django makes and removes them with the table. SQLite changes a table by making a new
one: a trigger that a migration wrote by hand would be lost then.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint


class TableTrigger(BaseConstraint):
    """The base of all of them: subclasses write the statements in ``triggers``.

    A subclass with options of its own returns them from ``options``.
    """

    def triggers(
        self, table: Table, schema_editor: BaseDatabaseSchemaEditor
    ) -> list[Statement]:
        """Return the statements that make the triggers on the table."""
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        """Return what ``__init__`` is given besides the name."""
        return {}

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Make the triggers once the table is there; they are no part of it."""
        schema_editor.deferred_sql.extend(self._made(model, schema_editor))
        return None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        first, *others = self._made(model, schema_editor)
        schema_editor.deferred_sql.extend(others)
        return first

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Drop the trigger. SQLite makes a new table instead, without triggers."""
        return Statement(
            "DROP TRIGGER %(name)s ON %(table)s",
            name=schema_editor.quote_name(self.name),
            table=_table(model, schema_editor),
        )

    def validate(self, *_args: Any, **_options: Any) -> None:
        """Refuse no row: what a trigger refuses, the database refuses."""

    def deconstruct(self) -> Any:
        path, arguments, options = super().deconstruct()
        return path, arguments, options | self.options()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TableTrigger)
            and type(other) is type(self)
            and bool(other.deconstruct() == self.deconstruct())
        )

    def __hash__(self) -> int:
        return hash(self.name)

    def _made(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> list[Statement]:
        return self.triggers(_table(model, schema_editor), schema_editor)


def _table(model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> Table:
    return Table(model._meta.db_table, schema_editor.quote_name)  # noqa: SLF001
