"""The seam between the shop and its traces. Without an exporter it does nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What a span is; a REQUEST begins the trace that has its id."""

    REQUEST = "request"
    CALL = "call"  # to the outside
    WORK = "work"


class Span(Protocol):
    """A span that is open."""

    def describe(self, name: str, **attributes: str | int) -> None:
        """Give the span another name, and attributes."""


class _Nothing:
    def describe(self, name: str, **attributes: str | int) -> None:
        """Do nothing: traces are off."""


Begin = Callable[[str, Kind], AbstractContextManager[Span]]

_OFF: AbstractContextManager[Span] = nullcontext(_Nothing())
_begin: Begin | None = None


def span(name: str, kind: Kind = Kind.WORK) -> AbstractContextManager[Span]:
    """Measure this block as a span of the trace of the bound request.

    What is bound to the lines of the log becomes its attributes.
    """
    return _OFF if _begin is None else _begin(name, kind)


def switch(begin: Begin | None) -> None:
    """Let ``begin`` make the spans from now on, or nobody."""
    global _begin  # noqa: PLW0603 (one switch per process)
    _begin = begin
