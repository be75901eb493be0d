"""The registry of notices: alerts that no saga stands for, by the topic's first word.

Each subject registers what it writes when the application starts, so that alerts know
none of them.
"""

from collections.abc import Callable, Mapping

from saga.models import Alert

# Title and lines: what it means, where to look, what to do.
Notice = tuple[str, list[str]]
Writer = Callable[[Alert], Notice]

_writers: dict[str, Writer] = {}


def register(writers: Mapping[str, Writer]) -> None:
    """Make notices known: the first word of their topic -> what writes them out."""
    _writers.update(writers)


def read(alert: Alert) -> Notice:
    """Write the notice out as title and lines. Raises KeyError for an unknown topic."""
    topic, _space, _rest = alert.topic.partition(" ")
    return _writers[topic](alert)
