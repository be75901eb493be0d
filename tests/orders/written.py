"""What a move wrote: the difference of two snapshots, as text to compare."""

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from tests.orders import acts

Rows = list[dict[str, Any]]


def written(before: Mapping[str, Rows], after: Mapping[str, Rows]) -> dict[str, Rows]:
    """Return table -> fields of its new rows, and of others those that changed.

    Of keys and of times that nobody chose only that there is one.
    """
    changes = {name: list(_changes(before[name], after[name])) for name in after}
    return {name: rows for name, rows in changes.items() if rows}


def _changes(before: Rows, after: Rows) -> Iterator[dict[str, Any]]:
    known = {row["id"]: row for row in before}
    for row in sorted(after, key=lambda row: row["id"]):
        old = known.pop(row["id"], None)
        fields = {
            name: _text(name, value)
            for name, value in row.items()
            if (value != old[name] if old else value) and name not in _KEYS
        }
        if fields:
            yield fields
    yield from ({"deleted": True} for _row in known)


_KEYS = ("id", "order_id")
# What the data of events call a row.
_IN_DATA = {"returned": "returned_id", "shortage": "shortage_id"}
_CHOSEN = (acts.SOON, acts.DAY)


def _text(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {
            inner: _text(_IN_DATA.get(inner) or inner, each)
            for inner, each in value.items()
        }
    if isinstance(value, datetime | date) and value in _CHOSEN:
        return value.isoformat()
    is_row = name.endswith("_id") and isinstance(value, int)
    if is_row or isinstance(value, datetime | uuid.UUID):
        return "some"
    if isinstance(value, date):
        return value.isoformat()
    if name == "key":
        value = _ROW_S.sub("some", value)
    return _ANOTHER.sub("some", value) if isinstance(value, str) else value


# What is another one in every run: a number of an order, of a row, a made-up id.
_ANOTHER = re.compile(
    r"^T-\d+(?=-X)|(?<=^(?:pi|re|du|cs)_)\d+$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
)
# Attempts, parcels and pick-ups begin with 1, which is no row of the second order.
_ROW_S = re.compile(r"^(?:[2-9]|\d\d+)(?=-\d+$|$)")
