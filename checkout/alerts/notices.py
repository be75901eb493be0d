"""The registry of notices: alerts about something other than a saga.

Each subject registers what writes its notices when the application starts, so that
alerts know no subject.
"""

from collections.abc import Callable, Mapping

from django.conf import settings

from saga.models import Alert

# Title and lines: what it means, where to look, what to do.
Notice = tuple[str, list[str]]
Writer = Callable[[Alert], Notice]

_writers: dict[str, Writer] = {}


def register(writers: Mapping[str, Writer]) -> None:
    """Register the writer of notices on these topics, by first word. Twice is once."""
    _writers.update(writers)


def write(alert: Alert) -> Notice:
    """Return the alert's title and lines. Raises KeyError for an unknown topic."""
    topic, _space, _key = alert.topic.partition(" ")
    return _writers[topic](alert)


def key_of(alert: Alert) -> str:
    """Return what the notice is about: the rest of its topic after the first word."""
    return alert.topic.partition(" ")[2]


def next_steps(page: str, anchor: str) -> list[str]:
    """Return the lines with the page's address and the heading of the runbook."""
    return [
        f"Look: {settings.SITE_URL}{page}",
        f"What to do: {settings.RUNBOOK_URL}#{anchor}",
    ]
