"""The reference model of a saga: a stack of effects, and the world that is called.

Forward steps of the main path push in the definition's order, undos take from the top,
nothing on top of the pivot is ever taken. Beside it a risk is checked, which has to be
over before the pivot and is undone before anything below it; and mail is sent, which
needs the pivot. What really happened is read from the ledger's table, so
that effects live in the same database as the saga.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from inventory.models import Movement
from inventory.services import receive
from saga.definition import Branch, Definition
from saga.errors import (
    Abort,
    ManualIntervention,
    OutcomeUnknown,
    ResumeForward,
    Retry,
    Unproven,
)
from saga.results import Wait
from saga.step import Context, Kind, RetryPolicy, Step
from tests.saga.lab import Killed

NAME = "stack"
MAIN_PATH = ("goods", "bank", "pay", "ship")
STEPS = (*MAIN_PATH, "check", "mail")
PIVOT = "pay"
BRANCHES = {"check": "risk", "mail": "post"}
LEASE = timedelta(seconds=60)
WAIT = timedelta(minutes=30)
_RETRY = RetryPolicy(base=10, factor=2, cap=60, jitter=0, max_attempts=3)

# What an act may be told to do. All but the first are faults.
FORWARD = (
    "ok",
    "retry",
    "limitless",
    "refuse",
    "person",
    "wait",
    "called",
    "ask",
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

    in_effect: set[tuple[str, str]] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    script: deque[str] = field(default_factory=deque)
    # What happens while a slow worker hangs past its lease.
    meanwhile: Callable[[int], None] = lambda _saga: None
    # What calls the saga while its step runs.
    call: Callable[[str], object] = lambda _reference: None
    tokens: list[str] = field(default_factory=list)
    # Saga and fence of every claim that was called and then waited.
    called: set[tuple[int, int]] = field(default_factory=set)

    def definition(self, version: int) -> Definition:
        kinds = {"goods": Kind.LOCAL, "ship": Kind.LOCAL}
        steps = tuple(
            self._step(name, kinds.get(name, Kind.EXTERNAL)) for name in STEPS
        )
        branches = (Branch("risk", after="goods"), Branch("post", after=PIVOT))
        return Definition(NAME, version, steps, dict, branches)

    def _step(self, name: str, kind: Kind) -> Step:
        undoable = name in ("goods", "bank", "check")
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
            branch=BRANCHES.get(name, ""),
            skippable=name == "mail",
            prove=self._prove if name == PIVOT else None,
            retry=_RETRY,
            lease=LEASE,
            **outside,
        )

    # --- steps that only touch the database ---

    def _do_here(self, context: Context) -> Wait | None:
        order = self._order(context)
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
        order = self._order(context)
        paid = context.reference in self.paid
        if order == "refuse" and paid and context.step.pivot:
            order = "ok"
        if order in ("ok", "unknown", "slow", "die after", "die recording"):
            self.in_effect.add((context.reference, context.step.name))
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
            raise ResumeForward(message, PIVOT)
        if order in ("ok", "unknown", "die after", "die recording"):
            self.in_effect.discard((context.reference, context.step.name))
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

    def _order(self, context: Context) -> str:
        """Return what to do now; what calls or asks ends in a wait.

        What was answered is not asked again.
        """
        order = self._next(FORWARD)
        if order == "called":
            self.call(context.reference)
            self.called.add((context.saga.pk, context.saga.fence))
        elif order == "ask" and context.answer is None:
            self.tokens.append(context.ask(timezone.now() + WAIT))
        elif order == "ask":
            return "ok"
        return "wait" if order in ("called", "ask") else order

    def _next(self, possible: tuple[str, ...]) -> str:
        order = self.script.popleft() if self.script else "ok"
        return order if order in possible else "ok"


def _follow(order: str) -> Wait | None:
    errors: dict[str, BaseException] = {
        "retry": Retry("later"),
        "limitless": Retry("wrong key", limitless=True),
        "refuse": Abort("no", "refused", nothing_taken=True),
        "person": ManualIntervention("look"),
        "bug": ZeroDivisionError("a bug"),
        "unknown": OutcomeUnknown("no answer"),
    }
    if order in errors:
        raise errors[order]
    if order.startswith("die"):
        raise Killed
    if order == "wait":
        return Wait(timezone.now() + WAIT, "callback")
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
    """Replay the effects; fails on one that is out of order, doubled, or forbidden.

    Returns what stands: the main path in its order, then what was done beside it.
    """
    main_path: list[str] = []
    beside: list[str] = []
    for direction, step in effects(reference):
        say = f"{reference}: {direction} {step}, {main_path} and {beside} stand"
        if direction == "do":
            assert step not in (*main_path, *beside), say
            _may_be_done(step, main_path, beside, say)
            (beside if step in BRANCHES else main_path).append(step)
        else:
            assert PIVOT not in main_path, say
            if step in BRANCHES:
                beside.remove(step)
                continue
            assert beside == [], say
            assert main_path, say
            assert main_path.pop() == step, say
    return [*main_path, *beside]


def _may_be_done(step: str, main_path: list[str], beside: list[str], say: str) -> None:
    if step == "check":
        assert "goods" in main_path, say
        assert PIVOT not in main_path, say
    elif step == "mail":
        assert PIVOT in main_path, say
    else:
        assert step == MAIN_PATH[len(main_path)], say
        assert step != PIVOT or "check" in beside, say
