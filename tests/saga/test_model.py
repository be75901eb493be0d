"""The engine against its reference model, with random events in random order.

``make test`` walks twenty fixed ways. SAGA_MODEL_EXAMPLES=2000 walks as many
random ones, each of SAGA_MODEL_STEPS rules.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from saga import definition as definitions
from saga import operations
from saga.branches import BRANCHES_LAST
from saga.callbacks import digest
from saga.definition import register
from saga.engine import run
from saga.errors import ActionRefused, AnswerRefused
from saga.models import LIVE, Attempt, Callback, Direction, Saga, State
from saga.sweeper import sweep
from tests.saga import stack
from tests.saga.lab import Killed
from tests.support.clock import stopped_clock

EXAMPLES = int(os.environ.get("SAGA_MODEL_EXAMPLES", "0"))
LENGTH = int(os.environ.get("SAGA_MODEL_STEPS", "30"))
MOST_SAGAS = 2
MOST_VERSIONS = 3
# Wait, then a relaunch that is put off again and again.
LONGEST_UNSEEN = timedelta(minutes=31)
ENDED = (State.DONE, State.COMPENSATED)

FAULTS = sorted({*stack.FORWARD, *stack.BACKWARD} - {"ok"})
# Every second act does what it should, so that sagas get somewhere.
# Calls and answers in the middle of a step are rare in life; here they are not.
OFTEN = ["slow", "die after", "late", "called", "ask"] * 3
ACTS = [*["ok"] * 2 * len(FAULTS), *FAULTS, *OFTEN]
scripts = st.lists(st.sampled_from(ACTS), min_size=1, max_size=6)
pauses = st.sampled_from([0, 0, 10, 20, 61, 1801])
links = st.sampled_from([None, None, None, *stack.STEPS])
branches = st.sampled_from(["", "", *stack.BRANCHES.values()])


class SagaMachine(RuleBasedStateMachine):
    """Workers, sweepers, callers, staff and the clock, in any order."""

    sagas = Bundle("sagas")

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.travel = stopped_clock()
        self.clock = self.travel.__enter__()
        self.world = stack.World(meanwhile=self._hang, call=self._call)
        self.version = 1
        self.definition = register(self.world.definition(1))
        self.fences: dict[int, int] = {}
        self.ended: dict[int, str] = {}
        self.number = 0

    def teardown(self) -> None:
        try:
            self._bring_to_an_end()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            self.travel.__exit__(None, None, None)
            definitions._definitions.pop(stack.NAME, None)

    # --- what may happen ---

    @initialize(target=sagas)
    def start_one(self) -> int:
        return self._start()

    @precondition(lambda self: self.number < MOST_SAGAS)
    @rule(target=sagas)
    def start_another(self) -> int:
        return self._start()

    @rule(saga=sagas, branch=branches, link=links, pause=pauses, script=scripts)
    def deliver(
        self, saga: int, branch: str, link: str | None, pause: int, script: list[str]
    ) -> None:
        """A message comes: the first, a stale one, one of many."""
        self.clock.shift(pause)
        row = self._row_of(saga, branch)
        self._as_a_process(script, lambda: run(row, link))

    @rule(pause=pauses, script=scripts)
    def sweep_once(self, pause: int, script: list[str]) -> None:
        """Sweep once, as one of several sweepers, and run what no worker takes."""
        self.clock.shift(pause)
        self._as_a_process(script, sweep)

    @rule(saga=sagas)
    def call(self, saga: int) -> None:
        """A callback comes: early, in time, late, again."""
        operations.wake(self.definition, Saga.objects.get(pk=saga).reference)

    @precondition(lambda self: self.world.tokens)
    @rule(number=st.integers(0, 5), size=st.integers(0, 1))
    def answer(self, number: int, size: int) -> None:
        """Answer a question: in time, late, again, or with another answer."""
        token = self.world.tokens[number % len(self.world.tokens)]
        try:
            is_new = operations.answer(token, {"size": size})
        except AnswerRefused:
            return
        asked = Callback.objects.get(digest=digest(token))
        assert asked.payload == {"size": size}
        if is_new:
            assert asked.saga.state != State.WAITING, "answered, and still waits"

    @rule(saga=sagas, reach=st.sampled_from(["goods", "bank", "check"]))
    def begin_and_cancel(self, saga: int, reach: str) -> None:
        """Cancel a saga that has just begun to hold something."""
        row = self._row_of(saga, stack.BRANCHES.get(reach, ""))
        self._as_a_process([], lambda: run(row, reach))
        self.staff(saga, "", "cancel")

    @rule(
        saga=sagas,
        branch=branches,
        act=st.sampled_from(["resume", "cancel", "skip", "mark_done"]),
    )
    def staff(self, saga: int, branch: str, act: str) -> None:
        saga = self._row_of(saga, branch)
        before = Saga.objects.get(pk=saga)
        acts: dict[str, Callable[..., Any]] = {
            "resume": operations.resume,
            "cancel": operations.cancel,
            "skip": operations.skip,
            "mark_done": operations.mark_done,
        }
        try:
            acts[act](before, "ken", "because")
        except ActionRefused:
            after = Saga.objects.get(pk=saga)
            assert after.fence == before.fence, "refused, yet written"

    @precondition(lambda self: self.version < MOST_VERSIONS)
    @rule()
    def deploy(self) -> None:
        self.version += 1
        self.definition = register(self.world.definition(self.version))

    # --- what always holds ---

    @invariant()
    def every_saga_is_as_the_model_says(self) -> None:
        for saga in Saga.objects.all():
            self._is_legal(saga)
            called = (saga.pk, saga.fence) in self.world.called
            assert not (called and saga.state == State.WAITING), "the call was lost"
            if not saga.branch:
                self._has_the_effects_it_says(saga, stack.stack(saga.reference))
                if saga.reference in self.world.paid:
                    assert saga.direction == Direction.DO, "undone though it was paid"
            if saga.state in LIVE:
                unseen = saga.sweep_at - timezone.now()
                assert unseen <= LONGEST_UNSEEN, "nobody looks after it"
                assert not saga.claimed_by or saga.sweep_at <= saga.due_at
            if saga.state == State.FAILED:
                assert saga.alert_wanted_at is not None

    @invariant()
    def fences_only_grow(self) -> None:
        for pk, fence in Saga.objects.values_list("pk", "fence"):
            assert fence >= self.fences.get(pk, 0)
            self.fences[pk] = fence
        newest = Attempt.objects.values_list("saga", "fence")
        assert all(fence <= self.fences[pk] for pk, fence in newest)

    def _is_legal(self, saga: Saga) -> None:
        backward = (State.COMPENSATING, State.COMPENSATED)
        if saga.state not in (State.FAILED, State.JOINING):
            undoing = saga.direction == Direction.UNDO
            assert (saga.state in backward) == undoing
        assert not (saga.pivot_at and saga.direction == Direction.UNDO)
        if saga.pk in self.ended:
            assert saga.state == self.ended[saga.pk], "it had ended"
        if saga.state in ENDED:
            assert saga.finished_at is not None
            assert not saga.claimed_by
            if not saga.branch:
                # A branch's end is its main path's to take back.
                self.ended[saga.pk] = saga.state
                states = saga.children.values_list("state", flat=True)
                assert set(states) <= {saga.state}, "it ended before its branches"

    def _has_the_effects_it_says(self, saga: Saga, in_effect: list[str]) -> None:
        held = {step for name, step in self.world.in_effect if name == saga.reference}
        main_path = [step for step in in_effect if step in stack.MAIN_PATH]
        if saga.state == State.DONE:
            skipped = Attempt.objects.filter(saga__parent=saga, outcome="skipped")
            beside = {"check"} if skipped.exists() else {"check", "mail"}
            assert set(in_effect) == {*stack.MAIN_PATH, *beside}
            assert saga.reference in self.world.paid
        elif saga.state == State.COMPENSATED:
            assert in_effect == []
            assert held == set(), "it ended unpaid and holds something outside"
        elif saga.direction == Direction.UNDO:
            assert stack.MAIN_PATH.index(saga.step) >= len(main_path) - 1
        elif saga.waiting_for == BRANCHES_LAST:
            assert main_path == list(stack.MAIN_PATH)
        else:
            assert saga.step == stack.MAIN_PATH[len(main_path)]

    # --- helpers ---

    def _row_of(self, saga: int, branch: str) -> int:
        """Return the branch of that name, or the main path while there is none."""
        found = Saga.objects.filter(parent=saga, branch=branch).first()
        return found.pk if found else saga

    def _call(self, reference: str) -> None:
        operations.wake(self.definition, reference)

    def _start(self) -> int:
        self.number += 1
        return operations.start(self.definition, f"R-{self.number}").pk

    def _as_a_process(self, script: list[str], work: Callable[[], object]) -> None:
        """Run something in a process that the script may kill."""
        self.world.script = deque(script)
        try:
            work()
        except Killed:
            pass
        finally:
            self.world.script = deque()

    def _hang(self, saga: int) -> None:
        """A worker stops in its call until others have taken over, and then wakes."""
        script = self.world.script
        self.clock.shift(int(stack.LEASE.total_seconds()) + 1)
        self._as_a_process([], lambda: run(saga))
        self.world.script = script

    def _bring_to_an_end(self) -> None:
        """The faults are over: everything ends by itself, or by resuming."""
        for _round in range(12):
            self.clock.shift(1801)
            sweep()
            for saga in Saga.objects.failed():
                operations.resume(saga, "ken", "mended")
            for saga in Saga.objects.live():
                run(saga.pk)
        self.every_saga_is_as_the_model_says()
        left = Saga.objects.exclude(state__in=ENDED)
        assert not left.exists(), f"stuck: {list(left.values())}"


@pytest.fixture
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.usefixtures("quiet")
def test_the_engine_does_what_the_model_says() -> None:
    run_state_machine_as_test(
        SagaMachine,
        settings=settings(
            max_examples=EXAMPLES or 20,
            stateful_step_count=LENGTH,
            derandomize=not EXAMPLES,
            # Looking for the shortest way to a failure takes minutes.
            phases=[Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
