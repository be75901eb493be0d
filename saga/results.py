"""Results that a step may return instead of an output."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Wait:
    """Stop until the saga is woken.

    At ``until`` the step runs again, woken or not, and decides again. ``alert`` is a
    sentence for staff, if they are the ones waited for.
    """

    until: datetime
    reason: str
    alert: str = ""


@dataclass(frozen=True)
class Sleep(Wait):
    """Run again at ``until`` and not before, whatever wake-ups come meanwhile."""


@dataclass(frozen=True)
class StartChild:
    """Start a child saga and wait until it has ended.

    The child is started with ``data``, which its steps read as their inputs. When it is
    done, the step runs again and finds it as ``Context.child``. When it was undone, the
    step is aborted. If the step is undone, its child is undone first. Returned again
    with the same reference, it is the same child. Once the child has passed its pivot,
    its parent cannot be undone either.
    """

    definition: str
    reference: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SpinOff:
    """The step is done, and leaves a saga behind that runs on by itself.

    The saga is a child like that of StartChild, but nobody waits for it: the parent
    goes on and may end long before. Only for a parent that has passed its pivot,
    because the child is never undone for its parent's sake. Returned again with the
    same reference, it is the same child.
    """

    definition: str
    reference: str
    data: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] | None = None


# What a step chooses if nothing is left to be done; no step may have this name.
END = "end"


@dataclass(frozen=True)
class Choice:
    """The step is done, and the saga goes on at the later step of that name, or ends.

    The steps between the two are passed over. The step names all that it may choose in
    its ``choices``.
    """

    step: str
    output: dict[str, Any] | None = None


@dataclass(frozen=True)
class StartItems:
    """The engine's own: start the items of a step with a Map, and wait for them."""

    count: int


@dataclass(frozen=True)
class PivotPassed:
    """The step is done, and the pivot is passed with it.

    For an outside that does at once what the pivot step normally does.
    """

    output: dict[str, Any] | None = None
