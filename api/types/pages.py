"""Pages of lists, as Relay asks for them.

https://relay.dev/graphql/connections.htm (forward only)
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from strawberry.relay import PageInfo

from api.errors import Fault, RequestRefused

MOST_PER_PAGE = 100
_PREFIX = "offset:"

Row = TypeVar("Row")


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """The rows of one page, with the cursor of each."""

    rows: list[Row]
    cursors: list[str]
    info: PageInfo


def read_slice(
    rows: "QuerySet[Any, Any]",
    first: int,
    after: str | None,
    most: int = MOST_PER_PAGE,
) -> Slice[Any]:
    """Read ``first`` rows behind the cursor ``after``: one statement.

    Raises RequestRefused for a page that is too large, or a cursor of another list.
    """
    if not 1 <= first <= most:
        raise RequestRefused(Fault.PAGE_SIZE, f"`first` must be between 1 and {most}.")
    start = _offset_of(after) + 1 if after else 0
    found = list(rows[start : start + first + 1])
    shown = found[:first]
    cursors = [_cursor_of(start + place) for place in range(len(shown))]
    info = PageInfo(
        has_next_page=len(found) > first,
        has_previous_page=start > 0,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return Slice(shown, cursors, info)


def edges_of(part: Slice[Row], edge: Callable[[str, Row], Any]) -> list[Any]:
    return [
        edge(cursor, row) for cursor, row in zip(part.cursors, part.rows, strict=True)
    ]


def _cursor_of(offset: int) -> str:
    return base64.b64encode(f"{_PREFIX}{offset}".encode()).decode()


def _offset_of(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor, validate=True).decode()
        number = int(text.removeprefix(_PREFIX)) if text.startswith(_PREFIX) else -1
    except (binascii.Error, ValueError):
        number = -1
    if not 0 <= number < 2**31:
        raise RequestRefused(
            Fault.CURSOR, "`after` must be a cursor that this list has returned."
        )
    return number
