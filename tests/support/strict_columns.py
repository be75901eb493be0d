"""Make SQLite refuse the values that PostgreSQL refuses.

SQLite takes text of any length, NUL and numbers of any size into any column, so that a
test on SQLite would not see what is an error in production.
"""

from typing import TYPE_CHECKING, Any

from django.db import DataError, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.operations import DatabaseOperations

if TYPE_CHECKING:
    Column = models.Field[Any, Any]
else:
    Column = models.Field

_RANGES = DatabaseOperations.integer_field_ranges


def refuse_like_postgresql() -> None:
    """Check every value that a model's field writes, from now on. Twice is once."""
    for field in (models.Field, models.JSONField):
        before = field.get_db_prep_save
        if not hasattr(before, "is_strict"):
            field.get_db_prep_save = _strict(before)  # type: ignore[method-assign]


def _strict(before: Any) -> Any:
    def get_db_prep_save(
        field: Column, value: Any, connection: BaseDatabaseWrapper
    ) -> Any:
        prepared = before(field, value, connection)
        problem = _problem(field, prepared)
        if problem:
            message = f"{field.model.__name__}.{field.name}: {problem}"
            raise DataError(message)
        return prepared

    get_db_prep_save.is_strict = True  # type: ignore[attr-defined]
    return get_db_prep_save


def _problem(field: Column, prepared: object) -> str:
    if isinstance(prepared, str):
        return _problem_of_text(field, prepared)
    limits = _RANGES.get(field.get_internal_type())
    if limits and isinstance(prepared, int):
        # A positive column is a plain integer with a constraint, which SQLite has, too.
        lowest = limits[0] or -limits[1] - 1
        if not lowest <= prepared <= limits[1]:
            return f"{prepared} is out of range"
    return ""


def _problem_of_text(field: Column, text: str) -> str:
    if "\0" in text or (isinstance(field, models.JSONField) and "\\u0000" in text):
        return "NUL cannot be stored"
    is_limited = isinstance(field, models.CharField) and field.max_length
    if is_limited and len(text) > (field.max_length or 0):
        return f"{len(text)} letters are too many for {field.max_length}"
    return ""
