"""What a step may return instead of an output."""

from dataclasses import dataclass, field
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
class Sleep(Wait):
    """Returned instead of an output: run again at ``until``, and not before.

    Whatever calls come meanwhile.
    """


@dataclass(frozen=True)
class StartChild:
    """Returned instead of an output: wait until a saga of its own has ended.

    It is started with ``data``, which its steps read as their inputs. When it is done,
    the step runs again and finds it as ``Context.child``; when it was undone, the step
    has given up. A step that is undone has its child undone first. Returned again with
    the same reference, it is the same child. What a child made final (its pivot) is
    final for whoever started it.
    """

    definition: str
    reference: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PivotPassed:
    """Returned instead of an output: done, and the pivot is passed with this step.

    For an outside that does at once what is normally the pivot step's business.
    """

    output: dict[str, Any] | None = None
