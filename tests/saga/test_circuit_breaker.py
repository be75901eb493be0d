"""Circuit breakers: no calls to a dependency that does not answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from saga import circuit_breaker
from saga.engine import run
from saga.errors import Abort, ManualIntervention, OutcomeUnknown, Retry
from saga.models import Alert, Breaker, Saga, State
from saga.step import RetryPolicy, Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.broker import DeadBroker
from tests.saga.lab import Lab, outcomes
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

DOWN = OutcomeUnknown("no answer")


@pytest.fixture(autouse=True)
def three_in_a_row(settings: Settings) -> None:
    settings.BREAKER_FAILURES = 3
    settings.BREAKER_PAUSE = 5.0


def pay(lab: Lab, **options: Any) -> Step:
    return lab.external("pay", dependency="bank", **options)


def start(lab: Lab, number: int, *steps: Step) -> Saga:
    saga = lab.start(*(steps or (pay(lab),)), reference=f"R-{number}")
    return Saga.objects.with_due().get(pk=saga.pk)


def open_breaker(lab: Lab, *steps: Step) -> list[Saga]:
    """Let three sagas find out that the bank does not answer."""
    lab.plan("do pay", DOWN, DOWN, DOWN)
    sagas = [start(lab, number, *steps) for number in (1, 2, 3)]
    for saga in sagas:
        run(saga.pk)
    return sagas


def seen(saga: Saga) -> tuple[str, int, str]:
    saga.refresh_from_db()
    return saga.state, saga.attempt, saga.waiting_for


def test_failures_in_a_row_open_it_and_call_staff_once(lab: Lab, clock: Clock) -> None:
    open_breaker(lab)

    row = Breaker.objects.get()
    assert (row.name, row.state, row.failures) == ("bank", "open", 3)
    assert row.probe_at == timezone.now() + timedelta(seconds=5)
    for _round in range(3):
        sweep()
    (message,) = lab.messages
    assert (message.alert.kind, message.alert.topic) == ("outage", "outage of bank")


@pytest.mark.parametrize(
    ("tries", "allowed", "kept"), [(1, 3, 1), (2, 3, 2), (3, 3, 2), (1, 1, 1)]
)
def test_a_saga_that_waits_for_an_outage_keeps_a_try_and_never_is_at_its_first(
    lab: Lab, clock: Clock, tries: int, allowed: int, kept: int
) -> None:
    policy = RetryPolicy(base=1, jitter=0, max_attempts=allowed)
    lab.plan("do pay", *[DOWN] * 3)
    step = pay(lab, retry=policy, undo=False)
    sagas = [start(lab, number, step) for number in (1, 2, 3)]
    Saga.objects.filter(pk=sagas[2].pk).update(attempt=tries - 1)
    for saga in sagas:
        run(saga.pk)

    assert seen(sagas[2]) == (State.RUNNING, kept, "bank")


def test_new_arrivals_park_without_a_claim_or_a_try(lab: Lab, clock: Clock) -> None:
    open_breaker(lab)
    calls = len(lab.log)
    saga = start(lab, 4)

    run(saga.pk)

    assert seen(saga) == (State.RUNNING, 0, "bank")
    assert (saga.fence, saga.claimed_by, outcomes(saga)) == (0, "", [])
    assert saga.due_at == saga.sweep_at >= timezone.now() + circuit_breaker.PARKED_FOR
    assert len(lab.log) == calls


def test_one_probe_goes_through_and_all_that_were_parked_follow(
    lab: Lab, clock: Clock, dead_broker: DeadBroker
) -> None:
    first = open_breaker(lab)
    later = [start(lab, number) for number in range(4, 10)]
    for saga in later:
        run(saga.pk)
    clock.shift(5)

    sweep()

    assert Breaker.objects.get().state == "closed"
    assert lab.log == ["do pay"] * 4
    clock.shift(5)
    sweep()
    states = {seen(saga) for saga in [*first, *later]}
    assert states == {(State.DONE, 0, "")}


def test_while_one_probes_nobody_else_calls(lab: Lab, clock: Clock) -> None:
    open_breaker(lab)
    clock.shift(5)
    others: list[Saga] = []

    def slow(_context: object) -> None:
        others.append(start(lab, 5))
        run(others[0].pk)
        others[0].refresh_from_db()

    probing = start(lab, 4)
    lab.plan("do pay", slow)
    run(probing.pk)

    assert others[0].waiting_for == "bank"
    assert seen(probing)[0] == State.DONE


def test_a_probe_in_vain_makes_the_pause_grow_to_a_minute(
    lab: Lab, clock: Clock
) -> None:
    *_others, saga = open_breaker(lab)
    pauses = []
    for _probe in range(6):
        row = Breaker.objects.get()
        assert row.probe_at is not None
        pauses.append((row.probe_at - timezone.now()).total_seconds())
        clock.move_to(row.probe_at)
        lab.plan("do pay", DOWN)
        run(saga.pk)

    assert pauses == [5, 10, 20, 40, 60, 60]
    # Policy: three tries. None was used up by an outage that is not the saga's fault.
    assert seen(saga) == (State.RUNNING, 2, "bank")
    sweep()
    assert len(lab.messages) == 1


def test_a_probe_that_dies_is_followed_by_another(lab: Lab, clock: Clock) -> None:
    open_breaker(lab)
    clock.shift(5)
    step = pay(lab)
    assert circuit_breaker.admit(step, start(lab, 4)) is None
    assert circuit_breaker.admit(step, start(lab, 5)) is not None

    clock.shift(step.lease.total_seconds())

    assert circuit_breaker.admit(step, start(lab, 6)) is None


def test_a_process_that_knows_nothing_asks_for_a_saga_that_was_parked(
    lab: Lab, clock: Clock
) -> None:
    open_breaker(lab)
    parked = start(lab, 4)
    run(parked.pk)
    Saga.objects.filter(pk=parked.pk).update(due_at=timezone.now())
    Breaker.objects.update(probe_at=timezone.now() + timedelta(minutes=1))
    circuit_breaker._suspects.clear()
    calls = len(lab.log)

    run(parked.pk)

    assert len(lab.log) == calls
    assert seen(parked) == (State.RUNNING, 0, "bank")


def test_an_answer_of_any_kind_ends_the_row(lab: Lab, clock: Clock) -> None:
    lab.plan("do pay", DOWN, DOWN, ManualIntervention("refused"), DOWN, DOWN)
    for number in range(5):
        run(start(lab, number).pk)

    row = Breaker.objects.get()
    assert (row.state, row.failures) == ("closed", 2)


def test_what_is_no_outage_does_not_count(lab: Lab, clock: Clock) -> None:
    lab.plan("do pay", *(ValueError("a bug") for _n in range(3)))
    lab.plan("do pay", *(Retry("wrong key", limitless=True) for _n in range(3)))
    lab.plan("do pay", *(Retry("come again", answered=True) for _n in range(3)))
    for number in range(9):
        run(start(lab, number).pk)

    assert not Breaker.objects.exists()


def test_one_saga_that_fails_again_and_again_stops_nobody_else(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do pay", *[DOWN] * 3)
    saga = start(lab, 1, pay(lab, pivot=True))
    for _try in range(3):
        run(saga.pk)
        clock.shift(60)

    assert seen(saga)[:2] == (State.FAILED, 3)
    assert Breaker.objects.get().state == "closed"


def test_sagas_take_turns_in_probing(lab: Lab, clock: Clock) -> None:
    *_others, saga = open_breaker(lab)
    parked = start(lab, 4)
    run(parked.pk)
    clock.shift(5)
    lab.plan("do pay", DOWN)

    run(saga.pk)

    row = Breaker.objects.get()
    saga.refresh_from_db()
    parked.refresh_from_db()
    assert parked.due_at == row.probe_at == timezone.now() + timedelta(seconds=10)
    assert saga.due_at >= timezone.now() + circuit_breaker.PARKED_FOR


def test_failures_far_apart_are_not_in_a_row(lab: Lab, clock: Clock) -> None:
    lab.plan("do pay", *[DOWN] * 6)
    for number in range(6):
        run(start(lab, number).pk)
        clock.shift(circuit_breaker.FORGOTTEN_AFTER.total_seconds() + 1)

    assert Breaker.objects.get().state == "closed"


def test_a_saga_with_no_time_left_to_wait_is_undone(lab: Lab, clock: Clock) -> None:
    def no_time(_context: object) -> None:
        message = "too late"
        raise Abort(message, "not_paid")

    steps = (lab.local("hold"), pay(lab, may_wait=no_time, undo_calls=lambda _s: False))
    open_breaker(lab)
    saga = start(lab, 4, *steps)

    run(saga.pk)

    assert (seen(saga)[0], saga.reason) == (State.COMPENSATED, "not_paid")
    assert lab.log[-2:] == ["undo pay", "undo hold"]
    # An undo that called nobody proves nothing.
    assert Breaker.objects.get().state == "open"


def test_what_parks_while_the_dependency_answers_again_goes_on_at_once(
    lab: Lab, clock: Clock
) -> None:
    step = pay(lab)
    open_breaker(lab, step)
    late = start(lab, 4, step)
    until = circuit_breaker.admit(step, late)
    assert until

    # Between the look at the breaker and the pause, another saga gets through.
    Breaker.objects.update(state="closed", failures=0, opened_at=None, probe_at=None)
    circuit_breaker.park(late, "bank", until)

    late.refresh_from_db()
    assert late.due_at <= timezone.now()
    assert late.sweep_at <= timezone.now()
    run(late.pk)
    assert seen(late)[0] == State.DONE


def test_an_undo_that_needs_the_dependency_parks_too(lab: Lab, clock: Clock) -> None:
    def no_time(_context: object) -> None:
        message = "too late"
        raise Abort(message, "not_paid")

    open_breaker(lab)
    saga = start(lab, 4, pay(lab, may_wait=no_time))

    run(saga.pk)

    assert seen(saga) == (State.COMPENSATING, 0, "bank")


def test_after_the_pivot_it_waits_as_long_as_it_takes(lab: Lab, clock: Clock) -> None:
    def no_time(_context: object) -> None:
        message = "too late"
        raise Abort(message, "not_paid")

    saga, *_others = open_breaker(lab, pay(lab, pivot=True, may_wait=no_time))
    Breaker.objects.update(probe_at=timezone.now() + timedelta(hours=1))
    clock.shift(10)

    run(saga.pk)

    assert seen(saga) == (State.RUNNING, 1, "bank")
    assert saga.pivot_at is not None


def test_it_costs_no_query_while_all_is_well(lab: Lab, clock: Clock) -> None:
    with CaptureQueriesContext(
        connection,
    ) as plain:
        run(start(lab, 1, lab.external("pay")).pk)
    with CaptureQueriesContext(connection) as guarded:
        run(start(lab, 2).pk)

    assert len(guarded) == len(plain)


def test_a_recovery_is_forgotten_by_the_process_that_suspected(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do pay", DOWN)
    run(start(lab, 1).pk)
    run(start(lab, 2).pk)
    assert Breaker.objects.get().failures == 0

    with CaptureQueriesContext(connection) as queries:
        run(start(lab, 3).pk)

    assert "saga_breaker" not in str(queries.captured_queries)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_ask_at_once_one_probes(lab: Lab) -> None:
    now = timezone.now()
    Breaker.objects.create(name="bank", state="open", failed_at=now, probe_at=now)
    circuit_breaker._suspects.add("bank")
    step = pay(lab)
    sagas = [start(lab, number) for number in range(8)]

    answers = run_together(sagas, lambda saga: circuit_breaker.admit(step, saga))

    assert exceptions_in(answers) == []
    assert [answer is None for answer in answers].count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_failures_at_once_are_all_counted_and_open_it_once(lab: Lab) -> None:
    step = pay(lab)
    sagas = [start(lab, number) for number in range(8)]

    def fail(saga: Saga) -> None:
        circuit_breaker.record_failure(step, saga, DOWN)

    assert exceptions_in(run_together(sagas, fail)) == []

    assert Breaker.objects.get().failures == 8
    assert Alert.objects.count() == 1
