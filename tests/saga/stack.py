"""The reference model of a saga: a stack of effects, and the world that is called.

Forward steps push in the definition's order, undos take from the top, nothing on top
of the pivot is ever taken. What really happened is read from the ledger's table, so
that effects live in the same database as the saga.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from checkout.saga.context import Context
from checkout.saga.definition import Definition, Kind, RetryPolicy, Step
from checkout.saga.errors import (
    GiveUp,
    GoForward,
    NeedsPerson,
    OutcomeUnknown,
    TryAgain,
    Unproven,
)
from checkout.saga.outcomes import Wait
from inventory.models import Movement
from inventory.services import receive
from tests.saga.lab import Killed

NAME = "stack"
STEPS = ("goods", "bank", "pay", "ship", "mail")
PIVOT = "pay"
LEASE = timedelta(seconds=60)
_RETRY = RetryPolicy(base=10, factor=2, cap=60, jitter=0, max_attempts=3)

# What an act may be told to do. All but the first are faults.
FORWARD = (
    "ok",
    "retry",
    "limitless",
    "refuse",
    "person",
    "wait",
    "bug",
    "unknown",
    "slow",
    "die before",
    "die after",
    "die recording",
    "die preparing",
)
BACKWARD = (
    "ok",
    "retry",
    "person",
    "bug",
    "unknown",
    "late",
    "die before",
    "die after",
    "die recording",
)


@dataclass
class World:
    """The outside: it remembers by reference and step, so a repeated call is one."""

    standing: set[tuple[str, str]] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    script: deque[str] = field(default_factory=deque)
    # What happens while a slow worker hangs past its lease.
    meanwhile: Callable[[int], None] = lambda _saga: None
    _recording: str = "ok"

    def definition(self, version: int) -> Definition:
        kinds = {"goods": Kind.LOCAL, "ship": Kind.LOCAL}
        steps = tuple(
            self._step(name, kinds.get(name, Kind.EXTERNAL)) for name in STEPS
        )
        return Definition(NAME, version, steps, dict)

    def _step(self, name: str, kind: Kind) -> Step:
        undoable = name in ("goods", "bank")
        outside: dict[str, Any] = {}
        if kind is Kind.EXTERNAL:
            outside = {"prepare": self._prepare, "record": self._record}
            outside["record_undo"] = self._record_undo if undoable else None
        return Step(
            name,
            link=name,
            kind=kind,
            do=self._call if kind is Kind.EXTERNAL else self._do_here,
            undo=(self._call_off if kind is Kind.EXTERNAL else self._undo_here)
            if undoable
            else None,
            pivot=name == PIVOT,
            skippable=name == "mail",
            prove=self._prove if name == PIVOT else None,
            retry=_RETRY,
            lease=LEASE,
            **outside,
        )

    # --- steps that only touch the database ---

    def _do_here(self, context: Context) -> Wait | None:
        order = self._next(FORWARD)
        if order not in ("die before", "wait"):
            write(context, "do")
        return _follow(order)

    def _undo_here(self, context: Context) -> None:
        order = self._next(BACKWARD)
        if order != "die before" and context.step.name in stack(context.reference):
            write(context, "undo")
        _follow("retry" if order == "late" else order)

    # --- steps that call the outside ---

    def _prepare(self, _context: Context) -> None:
        if self.script and self.script[0] == "die preparing":
            self.script.popleft()
            raise Killed

    def _call(self, context: Context) -> str:
        order = self._next(FORWARD)
        paid = context.reference in self.paid
        if order == "refuse" and paid and context.step.pivot:
            order = "ok"
        if order in ("ok", "unknown", "slow", "die after", "die recording"):
            self.standing.add((context.reference, context.step.name))
            if context.step.pivot:
                self.paid.add(context.reference)
        if order == "slow":
            self.meanwhile(context.saga.pk)
        if order not in ("wait", "die recording"):
            _follow(order)
        return order

    def _record(self, context: Context, order: str) -> Wait | None:
        if order == "wait":
            return _follow(order)
        write(context, "do")
        if order == "die recording":
            raise Killed
        return None

    def _call_off(self, context: Context) -> str:
        order = self._next(BACKWARD)
        if order == "late":
            # It was charged meanwhile, say by the customer's bank.
            self.paid.add(context.reference)
            message = "it was charged after all"
            raise GoForward(message, PIVOT)
        if order in ("ok", "unknown", "die after", "die recording"):
            self.standing.discard((context.reference, context.step.name))
        if order != "die recording":
            _follow(order)
        return order

    def _record_undo(self, context: Context, order: str) -> None:
        if context.step.name in stack(context.reference):
            write(context, "undo")
        if order == "die recording":
            raise Killed

    def _prove(self, context: Context) -> str:
        if context.reference not in self.paid:
            message = "nothing was charged"
            raise Unproven(message, context.reference)
        return "proven"

    def _next(self, possible: tuple[str, ...]) -> str:
        order = self.script.popleft() if self.script else "ok"
        return order if order in possible else "ok"


def _follow(order: str) -> Wait | None:
    errors: dict[str, BaseException] = {
        "retry": TryAgain("later"),
        "limitless": TryAgain("wrong key", limitless=True),
        "refuse": GiveUp("no", "refused", nothing_taken=True),
        "person": NeedsPerson("look"),
        "bug": ZeroDivisionError("a bug"),
        "unknown": OutcomeUnknown("no answer"),
    }
    if order in errors:
        raise errors[order]
    if order.startswith("die"):
        raise Killed
    if order == "wait":
        return Wait(timezone.now() + timedelta(minutes=30), "callback")
    return None


def write(context: Context, direction: str) -> None:
    """Have the effect, in the transaction that finishes the step."""
    number = Movement.objects.filter(item__sku=context.reference).count()
    receive(context.reference, 1, f"{direction} {context.step.name} {number}")


def effects(reference: str) -> list[tuple[str, str]]:
    """Return the effects in their order: direction and step."""
    rows = Movement.objects.filter(item__sku=reference).order_by("id")
    words = [row.split() for row in rows.values_list("reference", flat=True)]
    return [(direction, step) for direction, step, _number in words]


def stack(reference: str) -> list[str]:
    """Replay the effects; fails on one that is out of order, doubled, or forbidden."""
    standing: list[str] = []
    for direction, step in effects(reference):
        if direction == "do":
            expected = STEPS[len(standing)] if len(standing) < len(STEPS) else "none"
            assert step == expected, f"{reference}: {step} done, {expected} was next"
            standing.append(step)
        else:
            assert PIVOT not in standing, f"{reference}: undone past the pivot"
            assert standing, f"{reference}: {step} undone, nothing stands"
            assert standing[-1] == step, f"{reference}: {step} undone: {standing}"
            standing.pop()
    return standing
