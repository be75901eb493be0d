"""Copy a few rows a million times, by the database itself.

The rows of an order that the shop's own code has made are a template. Each copy has
keys, names and times of its own, and the copies refer to one another as the template's
rows do. So what a table needs is said once, in the shop.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

from benchmarks.bulk_indexes import taken_away

# The copies' keys come before it, those of rows written later after it.
LAST_KEY = 1_000_000_000
# Seconds between two copies; the first one is the newest.
APART = 60


@dataclass(frozen=True)
class Name:
    """What stands for a text of the template: this beginning and the copy's number.

    With ``out_of``, only so many names are given, in turn.
    """

    beginning: str
    out_of: int | None = None

    def sql(self) -> str:
        number = f"(1 + n %% {self.out_of})" if self.out_of else "n"
        if connection.vendor == "sqlite":
            return f"('{self.beginning}' || printf('%%07d', {number}))"
        return f"('{self.beginning}' || lpad({number}::text, 7, '0'))"


class Copies:
    """The copies of ``rows``, which stand in the order in which they can be written.

    ``names`` replaces texts wherever they occur. ``shared`` maps a model to how many
    copies of its one row there are elsewhere: references to it are spread over these.
    """

    def __init__(
        self,
        rows: Sequence[models.Model],
        names: Mapping[str, Name],
        shared: Mapping[type[models.Model], int] | None = None,
    ) -> None:
        self._rows = rows
        self._names = names
        self._shared = shared or {}
        self._uuids: dict[uuid.UUID, int] = {}
        self._places: dict[tuple[type[models.Model], Any], tuple[int, int]] = {}
        for model in {type(row) for row in rows}:
            mine = [row.pk for row in rows if type(row) is model]
            for place, pk in enumerate(mine):
                self._places[model, pk] = (place, len(mine))

    @transaction.atomic
    def write(self, first: int, last: int) -> None:
        """Write the copies of these numbers; statistics are the caller's business."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Neither looks at what a row refers to, nor counts versions by row.
                cursor.execute("SET LOCAL session_replication_role = replica")
            tables = list({type(row) for row in self._rows})
            with taken_away(tables):
                for row in self._rows:
                    self._write(cursor, row, first, last)
            # The past is no news: what the copies' triggers captured is dropped.
            cursor.execute("DELETE FROM events_capturedrow")
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)

    def _write(self, cursor: Any, row: models.Model, first: int, last: int) -> None:
        table, fields = row._meta.db_table, row._meta.concrete_fields  # noqa: SLF001
        columns = ", ".join(connection.ops.quote_name(each.column) for each in fields)
        values: list[Any] = []
        parts = []
        for each in fields:
            part, given = self._value(row, each)
            parts.append(part)
            values += given
        table = connection.ops.quote_name(table)
        into = f"INSERT INTO {table} ({columns}) SELECT {', '.join(parts)}"
        if connection.vendor == "sqlite":
            numbers = (
                "WITH RECURSIVE s(n) AS (SELECT %s UNION ALL"
                " SELECT n + 1 FROM s WHERE n < %s)"
            )
            cursor.execute(f"{numbers} {into} FROM s", [first, last, *values])
        else:
            source = "generate_series(%s::bigint, %s) AS s(n)"
            cursor.execute(f"{into} FROM {source}", [*values, first, last])

    def _value(
        self, row: models.Model, field: "models.Field[Any, Any]"
    ) -> tuple[str, list[Any]]:
        """Return the SQL of a column, and its parameters."""
        value = getattr(row, field.attname)
        key = self._key(type(row) if field.primary_key else field.related_model, value)
        if value is None or key:
            return key or "NULL", []
        if isinstance(value, uuid.UUID):
            return self._uuid(value), []
        if isinstance(value, datetime):
            return self._time(field, value)
        if isinstance(field, models.JSONField):
            text, values = self._text(json.dumps(value))
            return (text if connection.vendor == "sqlite" else f"{text}::jsonb"), values
        if isinstance(value, str):
            return self._text(value)
        return "%s", [field.get_db_prep_save(value, connection)]

    def _key(self, model: Any, value: Any) -> str:
        """Return the SQL of a key or reference; empty if the value is to be kept."""
        if model is None or value is None:
            return ""
        if (model, value) in self._places:
            place, number = self._places[model, value]
            return f"({LAST_KEY + place} - n * {number})"
        if model in self._shared:
            return f"({LAST_KEY} - 1 - n %% {self._shared[model]})"
        return ""

    def _text(self, value: str) -> tuple[str, list[Any]]:
        """Return the text with its names replaced, as SQL."""
        for known, name in self._names.items():
            if known and known in value:
                before, after = value.split(known, 1)
                left, first = self._text(before)
                right, second = self._text(after)
                return f"({left} || {name.sql()} || {right})", [*first, *second]
        return ("%s" if connection.vendor == "sqlite" else "%s::text"), [value]

    def _uuid(self, value: uuid.UUID) -> str:
        """Return another value for each copy and each value of the template.

        As random ones do, they fall everywhere in an index.
        """
        number = self._uuids.setdefault(value, len(self._uuids))
        scattered = "(n * 2654435761) %% 4294967296"
        if connection.vendor == "sqlite":
            return f"printf('%%08x%%04x%%020x', {scattered}, {number}, n)"
        hexadecimal = " || ".join(
            f"lpad(to_hex(({what})::bigint), {length}, '0')"
            for what, length in ((scattered, 8), (number, 4), ("n", 20))
        )
        return f"({hexadecimal})::uuid"

    def _time(
        self, field: "models.Field[Any, Any]", value: datetime
    ) -> tuple[str, list[Any]]:
        stored = field.get_db_prep_save(value, connection)
        if connection.vendor == "sqlite":
            shifted = f"(n * -{APART}) || ' seconds'"
            return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, {shifted})", [stored]
        return f"(%s::timestamptz - n * interval '{APART} seconds')", [stored]
