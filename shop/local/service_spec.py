"""The description of one service that the supervisor runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Run(Protocol):
    """What a probe can read from a running process."""

    def said(self, text: str) -> bool:
        """Return whether this run has written ``text`` to its log."""


Probe = Callable[[Run], bool]


@dataclass(frozen=True)
class Service:
    """A program to keep running or, with ``once``, a job that has to succeed once.

    ``needs`` names services that must be healthy before this one starts;
    ``stop_seconds`` is the time it has to end after SIGTERM before it is killed.
    """

    name: str
    argv: tuple[str, ...]
    healthy: Probe
    needs: tuple[str, ...] = ()
    once: bool = False
    stop_seconds: float = 5.0
    environment: Mapping[str, str] = field(default_factory=dict)
