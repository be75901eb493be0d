"""Which operations of a migration keep a running shop waiting on PostgreSQL.

By the locks that its manual gives for each statement, and by what Django sends for each
operation. https://www.postgresql.org/docs/current/explicit-locking.html

A lock that is held for a moment (a new column, a column removed, a wider ``varchar``)
is no finding: the migration waits for it for ``DATABASE_LOCK_TIMEOUT`` and gives up.
What is found here reads or writes every row while the lock is held.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from shop.database.online_operations import (
    AddCheckOnline,
    AddIndexOnline,
    ValidateOnline,
)

# Each finding says what happens, and what to do instead.
INDEX = "writers wait while the index is built: use AddIndexOnline"
UNIQUE = "everybody waits while a unique index is built"
CHECK = "everybody waits while all rows are read: AddCheckOnline, then ValidateOnline"
FOREIGN = "writers of both tables wait while all rows are compared"
REWRITE = "everybody waits while the table is written anew"
NOT_NULL = "everybody waits while all rows are read for NULL"
ROWS = "rows stay locked until its end: change them in small transactions of a command"
MIXED = "it changes rows and tables in one transaction, so its locks last as long"
IN_TRANSACTION = "an index cannot be built online in a transaction: atomic = False"
TOO_EARLY = (
    "the check is added in this migration, so its lock is held while rows are read"
)
# Django sends no statement for them.
NO_STATEMENT = (ops.AlterModelOptions, ops.AlterModelManagers)
RENAMES = (ops.RenameField, ops.RenameModel, ops.AlterModelTable, ops.RenameIndex)
RENAMED = "old code, which runs until the end of the deploy, does not know the new name"


def findings(migration: Migration, before: ProjectState) -> list[str]:
    """Return ``table: what happens`` for each operation that makes the shop wait."""
    state = before.clone()
    made: set[str] = set()
    found = []
    for operation in migration.operations:
        table = _table(operation)
        if isinstance(operation, ops.CreateModel):
            made.add(table)
        elif table not in made:
            found += [
                f"{table or 'rows'}: {what}"
                for what in _of(operation, migration, state)
            ]
        operation.state_forwards(migration.app_label, state)
    return list(dict.fromkeys(found))


def _table(operation: Any) -> str:
    return getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))


def _of(
    operation: Operation, migration: Migration, state: ProjectState
) -> Iterator[str]:
    if isinstance(operation, ops.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _of(inner, migration, state)
    elif isinstance(operation, ops.AddField):
        yield from _of_column(operation.field)
    elif isinstance(operation, ops.AlterField):
        key = (migration.app_label, operation.model_name_lower)
        yield from _of_change(state.models[key].fields[operation.name], operation.field)
    elif isinstance(operation, ops.AddIndex | ops.AddConstraint | ValidateOnline):
        yield from _of_addition(operation, migration)
    elif isinstance(operation, ops.RunPython | ops.RunSQL):
        yield MIXED if migration.atomic and _changes_tables(migration) else ROWS
    elif isinstance(operation, RENAMES):
        yield RENAMED


def _of_addition(operation: Operation, migration: Migration) -> Iterator[str]:
    if isinstance(operation, AddIndexOnline):
        if migration.atomic:
            yield IN_TRANSACTION
    elif isinstance(operation, ops.AddIndex):
        yield INDEX
    elif isinstance(operation, ValidateOnline):
        if any(isinstance(each, AddCheckOnline) for each in migration.operations):
            yield TOO_EARLY
    elif isinstance(operation, ops.AddConstraint) and not isinstance(
        operation, AddCheckOnline
    ):
        yield from _of_constraint(operation)


def _changes_tables(migration: Migration) -> bool:
    data = (ops.RunPython, ops.RunSQL, *NO_STATEMENT)
    return any(not isinstance(each, data) for each in migration.operations)


def _of_constraint(operation: Any) -> Iterator[str]:
    if isinstance(operation.constraint, models.CheckConstraint):
        yield CHECK
    elif isinstance(operation.constraint, models.UniqueConstraint):
        yield UNIQUE


def _of_column(field: Any) -> Iterator[str]:
    """Yield what adding a column does, besides the column itself."""
    if field.generated:
        yield REWRITE
    if field.many_to_many:
        return
    # In a new column every row is NULL, or the same: nothing is compared.
    if field.is_relation and field.db_constraint and not field.null:
        yield FOREIGN
    if field.unique:
        yield UNIQUE
    elif field.db_index:
        yield INDEX


def _of_change(old: Any, new: Any) -> Iterator[str]:
    if old.many_to_many or new.many_to_many:
        return
    if _type(old) != _type(new) and not _is_wider(old, new):
        yield REWRITE
    if old.null and not new.null:
        yield NOT_NULL
    if new.unique and not old.unique:
        yield UNIQUE
    elif new.db_index and not (old.db_index or old.unique):
        yield INDEX


def _type(field: Any) -> tuple[str, object]:
    kind = field.get_internal_type()
    if field.is_relation:
        return kind, None
    numbers = (
        getattr(field, "max_digits", None),
        getattr(field, "decimal_places", None),
    )
    return kind, (field.max_length, numbers)


def _is_wider(old: Any, new: Any) -> bool:
    """Return whether PostgreSQL changes no row: a longer varchar, or text."""
    kinds = {old.get_internal_type(), new.get_internal_type()}
    texts = {"CharField", "SlugField", "TextField", "EmailField", "URLField"}
    if not kinds <= texts:
        return False
    if new.get_internal_type() == "TextField":
        return True
    return bool(old.max_length) and (
        not new.max_length or new.max_length >= old.max_length
    )
