"""Insert a row by a statement that is made once for a model and its fields.

Making a statement costs Django as much as running it. So the rows that every order
writes, and of which nobody needs an instance, are inserted by this (docs/adr/0045).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED

from shop.database_clock import Now


def insert(
    model: type[models.Model], values: Mapping[str, Any], *, twice: bool = True
) -> None:
    """Write what ``create`` writes, and return nothing.

    A reference is named by its column's attribute, such as ``order_id``; a time may be
    ``Now()``. With ``twice=False`` nothing is written, and nothing is raised, where a
    constraint says that the row is there already. Raises TypeError for a field that
    there is not, and for a ``Now`` with an offset.
    """
    clocks = frozenset(name for name, value in values.items() if isinstance(value, Now))
    now, now_values = Now().as_sql(None, connection)
    statement, fields = _statement(model, frozenset(values), clocks, now, twice)
    parameters: list[Any] = []
    for field in fields:
        value = values.get(field.attname, NOT_PROVIDED)
        if value is NOT_PROVIDED:
            value = field.get_default()
        if isinstance(value, Now):
            if value.offset:
                message = f"{field} takes Now(), without an offset"
                raise TypeError(message)
            parameters += now_values
        else:
            parameters.append(field.get_db_prep_save(value, connection))
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@cache
def _statement(
    model: type[models.Model],
    named: frozenset[str],
    clocks: frozenset[str],
    now: str,
    twice: bool,
) -> tuple[str, list[Any]]:
    """Return the statement, and the fields whose values are its parameters."""
    options = model._meta  # noqa: SLF001
    unknown = named - {field.attname for field in options.concrete_fields}
    if unknown:
        message = f"{options.label} has no {', '.join(sorted(unknown))}"
        raise TypeError(message)
    fields = [
        field
        for field in options.concrete_fields
        if field.attname in named
        or not (field.primary_key or field.db_default is not NOT_PROVIDED)
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(
        now if _is_clock(field, named, clocks) else "%s" for field in fields
    )
    once = "" if twice else " ON CONFLICT DO NOTHING"
    table = quote(options.db_table)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}){once}"  # noqa: S608
    return statement, fields


def _is_clock(field: Any, named: frozenset[str], clocks: frozenset[str]) -> bool:
    """Return whether the value is the database's time, given or by default."""
    if field.attname in named:
        return field.attname in clocks
    return isinstance(field.get_default(), Now)
