"""What each flow is to staff: who may run it, and how it is started.

A flow's package registers its definition and its entry here when it is imported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checkout.flow.policies import LEASE, MAIL_RETRY
from saga.definition import Definition, register
from saga.step import Context, Effect, Kind, Step
from shop.formatting import Wording

# The one link of all flows, and so its task and its queue: orders have their own.
LINK = "flows.run"
# Nobody waits for a flow at a screen, so its steps are tried for minutes.
_USUAL: dict[str, Any] = {"lease": LEASE, "retry": MAIL_RETRY}


@dataclass(frozen=True)
class Flow:
    """One flow. ``permission`` is what starting, resuming and cancelling it needs.

    ``summary`` says in a sentence what it is for. ``read_reference`` checks what a
    person typed to start it, and returns the reference; it raises ValueError with a
    sentence for them. Without it the flow is started from a page of its own.
    ``page`` returns the address of the page of what the flow is about.
    """

    definition: Definition
    summary: Wording
    permission: str
    read_reference: Callable[[str], str] | None = None
    hint: Wording = ""
    page: Callable[[str], str] | None = None

    @property
    def title(self) -> str:
        return str(self.definition.title)


_flows: dict[str, Flow] = {}


def register_flow(flow: Flow) -> Flow:
    """Make a flow and its definition known. Return it. Twice is once."""
    register(flow.definition)
    _flows[flow.definition.name] = flow
    return flow


def find_flow(name: str) -> Flow | None:
    return _flows.get(name)


def all_flows() -> list[Flow]:
    """Return every flow of this code, by name."""
    return sorted(_flows.values(), key=lambda flow: flow.definition.name)


def local(
    name: str,
    title: Wording,
    do: Effect,
    undo: Effect | None = None,
    **options: Any,
) -> Step:
    """Return a step of a flow that only writes to the shop's database.

    ``options`` are those of Step: ``choices``, ``over``, ``approval``, ``skippable``.
    """
    return Step(name, LINK, Kind.LOCAL, do, undo, title=title, **_USUAL, **options)


def external(
    name: str,
    title: Wording,
    do: Effect,
    record: Callable[[Context, Any], Any] | None = None,
    **options: Any,
) -> Step:
    """Return a step of a flow that calls the outside.

    ``options`` are those of Step: ``undo``, ``dependency``, ``prove``, ``skippable``.
    """
    return Step(
        name, LINK, Kind.EXTERNAL, do, title=title, record=record, **_USUAL, **options
    )
