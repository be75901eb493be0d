"""The registry of notices: alerts about something other than a saga.

Each subject registers what writes its notices when the application starts, so that
alerts know no subject. They are written in the staff's language, STAFF_LANGUAGE, which
``channels`` switches on: a writer translates each of its texts, and a test holds it.
"""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils.translation import gettext

from saga.models import Alert

# Title and lines: what it means, where to look, what to do.
Notice = tuple[str, list[str]]
Writer = Callable[[Alert], Notice]

_writers: dict[str, Writer] = {}


def register(writers: Mapping[str, Writer]) -> None:
    """Register the writer of notices on these topics, by first word. Twice is once."""
    _writers.update(writers)


def writers() -> list[Writer]:
    """Return everything that writes a notice."""
    return list(_writers.values())


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
        gettext("Look: %(url)s") % {"url": f"{settings.SITE_URL}{page}"},
        what_to_do(anchor),
    ]


def what_to_do(anchor: str) -> str:
    """Return the line with the heading of the runbook."""
    return gettext("What to do: %(url)s") % {"url": f"{settings.RUNBOOK_URL}#{anchor}"}


def last_error(error: str) -> str:
    """Return the line with the last error; it is in the words of who made it."""
    return gettext("Last error: %(error)s") % {"error": error or gettext("none")}


def and_more(count: int) -> str:
    """Return the line after the first few of a list."""
    return gettext("... and %(count)d more") % {"count": count}
