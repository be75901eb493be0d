"""What the alerts say that no saga stands for, by the first word of their topic."""

from collections.abc import Callable, Mapping

from checkout import mail_notices, reversal_notices
from checkout.reconciliation import telling
from saga.records import Alert

# Alert -> title and lines: what it means, where to look, what to do.
_WRITERS: Mapping[str, Callable[[Alert], tuple[str, list[str]]]] = {
    mail_notices.TOPIC: mail_notices.words,
    telling.TOPIC: telling.words,
    **reversal_notices.WRITERS,
}


def read(alert: Alert) -> tuple[str, list[str]]:
    """Write the notice out as title and lines."""
    topic, _space, _rest = alert.topic.partition(" ")
    return _WRITERS[topic](alert)
