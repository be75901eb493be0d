"""The catalogue of event types, and the sources that their events come from.

The application registers both when it starts. docs/events.md is drawn from the
catalogue, and a test holds every later version of a type to the earlier ones' fields.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# JSON Schema of one field of an event's data.
Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer"}


@dataclass(frozen=True)
class EventType:
    """A type such as ``order.placed``: what it says, and the fields of its data.

    ``fields`` are always there; ``optional`` ones may be left out. Data name no person.
    A change that takes a field away, or gives it another meaning, is a new ``version``.
    """

    name: str
    summary: str
    fields: Mapping[str, Schema] = field(default_factory=dict)
    optional: Mapping[str, Schema] = field(default_factory=dict)
    version: int = 1

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the data."""
        return {
            "type": "object",
            "properties": {**self.fields, **self.optional},
            "required": sorted(self.fields),
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class Happening:
    """What a row of a source says. ``data`` are the fields of the type."""

    type: str
    subject: str
    occurred_at: datetime
    correlation: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A table whose new rows ``shop.database.change_capture`` notes under this name.

    ``read`` returns what the rows with these keys say. A row that is missing in its
    answer becomes no event. ``keys`` returns the keys after one, in order, at most so
    many: with it, rows of before the capture can be collected (events.history).
    """

    name: str
    read: Callable[[Sequence[int]], Mapping[int, Happening]]
    types: tuple[EventType, ...]
    keys: Callable[[int, int], Sequence[int]] | None = None


_SOURCES: dict[str, Source] = {}
_TYPES: dict[str, EventType] = {}


def register_source(source: Source) -> None:
    """Make the source and its types known. Twice is once."""
    _SOURCES[source.name] = source
    for each in source.types:
        known = _TYPES.setdefault(each.name, each)
        if known != each:
            message = f"two sources describe {each.name} differently"
            raise ValueError(message)


def all_sources() -> list[Source]:
    return list(_SOURCES.values())


def find_type(name: str) -> EventType:
    """Return the type. Raises KeyError for one that is not in the catalogue."""
    return _TYPES[name]


def all_types() -> list[EventType]:
    """Return the catalogue, by name."""
    return sorted(_TYPES.values(), key=lambda each: each.name)
