"""A saga that chooses, maps and asks, against a model, with random events.

The model: what was done and not undone, by item and step, stands at the end exactly if
the saga is done; nothing is done twice; no more items are under way than may be.
"""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from inventory.models import Movement
from inventory.services import receive
from saga import definition as definitions
from saga import operations
from saga.definition import Definition, register
from saga.engine import run
from saga.errors import Abort, ActionRefused, ManualIntervention, Retry
from saga.models import ENDED, LIVE, Direction, Saga, State
from saga.operations import Decider, decide
from saga.results import Choice
from saga.step import Approval, Context, Kind, Map, RetryPolicy, Step
from saga.sweeper import sweep
from tests.saga.lab import Killed
from tests.support.clock import stopped_clock

EXAMPLES = int(os.environ.get("SAGA_MODEL_EXAMPLES", "0"))
LENGTH = int(os.environ.get("SAGA_MODEL_STEPS", "30"))
AT_ONCE, MOST = 2, 4
RETRY = RetryPolicy(base=10, factor=2, cap=60, jitter=0, max_attempts=3)
ACTS = [*["ok"] * 8, "retry", "refuse", "person", "die before", "die after"]
scripts = st.lists(st.sampled_from(ACTS), max_size=5)
pauses = st.sampled_from([0, 10, 61, 1801, 90_000])


class FlowMachine(RuleBasedStateMachine):
    """One flow: open, fork, each (items i1, i2), ask, close; fork may pass to ask."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.travel = stopped_clock()
        self.clock = self.travel.__enter__()
        self.script: list[str] = []
        self.resumed = 0

    def teardown(self) -> None:
        try:
            self._bring_to_an_end()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            self.travel.__exit__(None, None, None)
            for name in ("flow", "item"):
                definitions._definitions.pop(name, None)

    @initialize(count=st.integers(0, MOST), tolerant=st.booleans(), maps=st.booleans())
    def start(self, count: int, tolerant: bool, maps: bool) -> None:
        self.count, self.tolerant, self.maps = count, tolerant, maps
        over = Map("item", lambda _context: count, AT_ONCE, tolerant=tolerant)
        approval = Approval("?", "p", timedelta(days=1), lambda _context: "ken")
        register(self._define("item", self._step("i1"), self._step("i2")))
        flow = self._define(
            "flow",
            self._step("open"),
            self._step("fork", choices=("each", "ask")),
            self._step("each", over=over),
            self._step("ask", approval=approval),
            self._step("close"),
        )
        self.pk = operations.start(register(flow), "F").pk

    @rule(number=st.integers(-1, MOST), pause=pauses, script=scripts)
    def deliver(self, number: int, pause: int, script: list[str]) -> None:
        """A message comes for the flow, or for one of its items."""
        self.clock.shift(pause)
        found = Saga.objects.filter(reference=f"F/{number}").first()
        self._as_a_process(script, lambda: run(found.pk if found else self.pk))

    @rule(pause=pauses, script=scripts)
    def sweep_once(self, pause: int, script: list[str]) -> None:
        self.clock.shift(pause)
        self._as_a_process(script, sweep)

    @rule(
        by=st.sampled_from(["ken", "ann"]),
        approved=st.sampled_from([True] * 3 + [False]),
    )
    def decide(self, by: str, approved: bool) -> None:
        saga = Saga.objects.get(pk=self.pk)
        try:
            decide(saga, Decider(by, bool), "because", approved=approved)
        except ActionRefused:
            return
        assert by == "ann", "who asked has decided"

    @rule(
        number=st.integers(-1, MOST),
        act=st.sampled_from([operations.resume] * 4 + [operations.cancel]),
    )
    def staff(self, number: int, act: Callable[..., None]) -> None:
        found = Saga.objects.filter(reference=f"F/{number}").first()
        try:
            act(found or Saga.objects.get(pk=self.pk), "ken", "because")
        except ActionRefused:
            return
        self.resumed += act is operations.resume

    @invariant()
    def every_row_is_as_the_model_says(self) -> None:
        items = list(Saga.objects.filter(definition="item"))
        live = [i for i in items if i.state in LIVE and i.direction == Direction.DO]
        assert len(live) <= AT_ONCE + self.resumed
        assert len(items) <= (self.count if self.maps else 0)
        for saga in Saga.objects.all():
            done = standing(saga.reference)
            if saga.state == State.COMPENSATED:
                assert done == [], f"{saga} is undone, and {done} stand"
            if saga.state == State.FAILED:
                assert saga.alert_wanted_at is not None
        flow = Saga.objects.get(pk=self.pk)
        if flow.state == State.DONE:
            middle = ["each"] if self.maps else []
            assert standing("F") == ["open", "fork", *middle, "ask", "close"]
            assert len(items) == (self.count if self.maps else 0)
            ends = {item.state for item in items}
            assert ends <= ({*ENDED} if self.tolerant else {State.DONE})
            for item in items:
                expected = ["i1", "i2"] if item.state == State.DONE else []
                assert standing(item.reference) == expected
        elif flow.state == State.COMPENSATED:
            assert {item.state for item in items} <= {State.COMPENSATED}

    def _define(self, name: str, *steps: Step) -> Definition:
        return Definition(name, 1, steps, dict, background=True)

    def _step(self, name: str, **options: Any) -> Step:
        return Step(
            name, name, Kind.LOCAL, self._do, undo=self._undo, retry=RETRY, **options
        )

    def _do(self, context: Context) -> Choice | None:
        order = self._next()
        if order == "die before":
            raise Killed
        write(context, "do")
        self._follow(order)
        if context.step.name == "fork":
            return Choice("each" if self.maps else "ask")
        return None

    def _undo(self, context: Context) -> None:
        order = self._next()
        if order == "die before":
            raise Killed
        if context.step.name in standing(context.reference):
            write(context, "undo")
        self._follow("ok" if order == "refuse" else order)

    def _next(self) -> str:
        return self.script.pop(0) if self.script else "ok"

    def _follow(self, order: str) -> None:
        errors: dict[str, BaseException] = {
            "retry": Retry("later"),
            "refuse": Abort("no", "refused"),
            "person": ManualIntervention("look"),
            "die after": Killed(),
        }
        if order in errors:
            raise errors[order]

    def _as_a_process(self, script: list[str], work: Callable[[], object]) -> None:
        self.script = list(script)
        try:
            work()
        except Killed:
            pass
        finally:
            self.script = []

    def _bring_to_an_end(self) -> None:
        for _round in range(14):
            self.clock.shift(1801)
            sweep()
            for saga in Saga.objects.failed():
                operations.resume(saga, "ken", "mended")
                self.resumed += 1
            self.decide("ann", approved=True)
            for saga in Saga.objects.live().order_by("-pk"):
                run(saga.pk)
        self.every_row_is_as_the_model_says()
        left = Saga.objects.exclude(state__in=ENDED)
        assert not left.exists(), f"stuck: {list(left.values())}"


def write(context: Context, direction: str) -> None:
    number = Movement.objects.filter(item__sku=context.reference).count()
    receive(context.reference, 1, f"{direction} {context.step.name} {number}")


def standing(reference: str) -> list[str]:
    """Return the steps that were done and not undone, in their order."""
    rows = Movement.objects.filter(item__sku=reference).order_by("id")
    stack: list[str] = []
    for text in rows.values_list("reference", flat=True):
        direction, step, _number = text.split()
        if direction == "do":
            assert step not in stack, f"{reference}: {step} was done twice"
            stack.append(step)
        else:
            assert stack.pop() == step, f"{reference}: {step} was undone out of order"
    return stack


@pytest.fixture
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.usefixtures("quiet")
def test_flows_do_what_the_model_says() -> None:
    run_state_machine_as_test(
        FlowMachine,
        settings=settings(
            max_examples=EXAMPLES or 12,
            stateful_step_count=LENGTH,
            derandomize=not EXAMPLES,
            phases=[Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
