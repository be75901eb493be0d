"""The catalogue of event types as a page, and as JSON Schemas."""

from collections.abc import Iterator
from typing import Any

from events.types import EventType, all_types


def table() -> str:
    """Return the catalogue as a table in Markdown, by type."""
    rows = ["| type | what happened | data |", "|---|---|---|"]
    rows += [
        f"| `{each.name}` | {each.summary} | {', '.join(_fields(each)) or '-'} |"
        for each in all_types()
    ]
    return "\n".join(rows) + "\n"


def schemas() -> dict[str, dict[str, Any]]:
    """Return type -> version -> JSON Schema of its data."""
    return {each.name: {str(each.version): each.schema} for each in all_types()}


def _fields(each: EventType) -> Iterator[str]:
    yield from (f"`{name}`" for name in each.fields)
    yield from (f"`{name}`?" for name in each.optional)
