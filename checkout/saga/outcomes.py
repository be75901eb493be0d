"""What a step may return instead of an output."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Wait:
    """Returned instead of an output: stop until somebody wakes the saga.

    At ``until`` the step runs again whether woken or not, and decides anew. ``alert``
    is a sentence that staff are told meanwhile, because they are the ones waited for.
    """

    until: datetime
    reason: str
    alert: str = ""


@dataclass(frozen=True)
class NoWayBack:
    """Returned instead of an output: done, and the pivot is passed with this step.

    For an outside that does at once what is normally the pivot step's business.
    """

    output: dict[str, Any] | None = None
