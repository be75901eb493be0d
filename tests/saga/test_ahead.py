"""Which steps the transaction behind an external step does ahead, and which not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import Movement
from inventory.services import receive
from saga import operations
from saga.engine import Result, run
from saga.errors import Abort, ManualIntervention, Retry
from saga.history import present_attempt
from saga.models import Saga, State
from saga.results import Wait
from saga.step import Context, RetryPolicy
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import POLICY, Killed, Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def leave_a_mark(context: Context, _answer: object = None) -> None:
    receive("MARK", 1, f"{context.step.name}-{context.saga.fence}")


def mark_and(error: BaseException) -> Callable[[Context], None]:
    def act(context: Context) -> None:
        leave_a_mark(context)
        raise error

    return act


def blocks(act: Callable[[], object]) -> int:
    """Count what would be commits, were it not for the test's own transaction."""
    with CaptureQueriesContext(connection) as queries:
        act()
    found = depth = 0
    for sql in (query["sql"] for query in queries):
        opens = sql.startswith("SAVEPOINT")
        alone = not sql.startswith(("SAVEPOINT", "SELECT", "RELEASE", "ROLLBACK"))
        found += depth == 0 and (opens or alone)
        depth += opens - sql.startswith("RELEASE")
    return found


def test_recording_a_local_step_behind_it_and_the_next_claim_are_one_transaction(
    lab: Lab,
) -> None:
    saga = lab.start(lab.external("a"), lab.local("b"), lab.external("c"))

    # Claim a; record it, do b, claim c; record c.
    assert blocks(lambda: run(saga.pk)) == 3

    assert Saga.objects.get().state == State.DONE
    assert outcomes(saga) == [("a", "do", "ok"), ("b", "do", "ok"), ("c", "do", "ok")]
    assert list(saga.attempts.values_list("fence", "number")) == [
        (1, 1),
        (2, 1),
        (3, 1),
    ]


def test_a_local_step_that_fails_ahead_does_not_undo_what_was_recorded(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do b", mark_and(Retry("later")))
    saga = lab.start(lab.external("a", record=leave_a_mark, pivot=True), lab.local("b"))

    assert run(saga.pk) is Result.STOPPED

    saga.refresh_from_db()
    assert (saga.step, saga.attempt, saga.error) == ("b", 1, "later")
    assert outcomes(saga) == [("a", "do", "ok"), ("b", "do", "retry")]
    assert [row.reference for row in Movement.objects.all()] == ["a-1"]
    clock.shift(10)
    assert run(saga.pk) is Result.PASSED
    assert lab.log == ["do a", "do b", "do b"]


def test_of_two_steps_ahead_the_first_counts_when_the_second_fails(lab: Lab) -> None:
    lab.plan("do c", ManualIntervention("look"))
    saga = lab.start(
        lab.external("a", record=leave_a_mark), lab.local("b"), lab.local("c")
    )

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.step, saga.attempt) == (State.FAILED, "c", 1)
    assert [row[::2] for row in outcomes(saga)] == [
        ("a", "ok"),
        ("b", "ok"),
        ("c", "failed"),
    ]
    assert lab.log == ["do a", "do b", "do c", "do b"]


def test_a_preparation_that_refuses_ahead_is_that_steps_refusal(lab: Lab) -> None:
    def prepare(_context: Context) -> None:
        message = "sold out"
        raise Abort(message, "sold_out")

    saga = lab.start(
        lab.external("a", record=leave_a_mark),
        lab.external("b", prepare=prepare, pivot=True),
    )

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason, saga.pivot_at) == (
        State.COMPENSATED,
        "sold_out",
        None,
    )
    assert lab.log == ["do a", "undo b", "undo a"]
    assert outcomes(saga)[:2] == [("a", "do", "ok"), ("b", "do", "refused")]


def test_a_claim_that_was_passed_on_is_like_any_other(lab: Lab, clock: Clock) -> None:
    seen: list[Saga] = []
    lab.plan("do b", lambda _context: seen.append(Saga.objects.get()))
    saga = lab.start(lab.external("a"), lab.external("b", pivot=True))
    lab.plan("do a", lambda _context: clock.shift(5), {"units": 3})

    run(saga.pk)

    held = seen[0]
    assert (held.step, held.fence, held.attempt, held.state) == ("b", 2, 1, "running")
    assert held.claimed_by != ""
    assert held.pivot_at == held.claimed_at
    assert held.due_at == held.sweep_at
    assert present_attempt(held) is not None
    assert saga.attempts.get(step="b").started_at == held.claimed_at


def test_a_worker_that_dies_ahead_costs_the_recording_a_try_and_no_more(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do b", mark_and(Killed()), leave_a_mark)
    saga = lab.start(lab.external("a", record=leave_a_mark, pivot=True), lab.local("b"))

    with pytest.raises(Killed):
        run(saga.pk)
    assert not Movement.objects.exists()
    clock.shift(61)
    sweep()
    assert run(saga.pk) is Result.PASSED

    assert outcomes(saga) == [("a", "do", "lost"), ("a", "do", "ok"), ("b", "do", "ok")]
    assert Movement.objects.count() == 2


def test_what_is_tried_again_or_was_relaunched_goes_one_step_at_a_time(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", Retry("later"))
    saga = lab.start(lab.external("a"), lab.local("b"))
    run(saga.pk)
    clock.shift(10)

    # Claim and record a, then b.
    assert blocks(lambda: run(saga.pk)) == 3

    other = lab.start(lab.external("a"), lab.local("b"), reference="R-2")
    Saga.objects.filter(pk=other.pk).update(relaunches=1)
    assert blocks(lambda: run(other.pk)) == 3


def test_the_last_try_is_not_put_at_risk(lab: Lab) -> None:
    once = RetryPolicy(max_attempts=1)
    saga = lab.start(lab.external("a", retry=once), lab.local("b"))

    assert blocks(lambda: run(saga.pk)) == 3

    assert Saga.objects.get().state == State.DONE


def test_what_is_in_doubt_is_asked_about_before_it_is_claimed(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do b", Retry("no answer"))
    steps = (lab.external("a"), lab.external("b", dependency="bank"))
    run(lab.start(*steps).pk)

    saga = lab.start(*steps, reference="R-2")

    # As ever: claim and record a, claim and record b.
    assert blocks(lambda: run(saga.pk)) >= 4
    assert Saga.objects.get(pk=saga.pk).state == State.DONE


def test_a_step_ahead_that_waits_waits(lab: Lab, clock: Clock) -> None:
    until = timezone.now() + timedelta(seconds=60)
    lab.plan("do b", lambda _context: Wait(until, "callback"))
    saga = lab.start(lab.external("a"), lab.local("b"))

    assert run(saga.pk) is Result.STOPPED

    saga.refresh_from_db()
    assert (saga.state, saga.step, saga.due_at) == (State.WAITING, "b", until)
    assert outcomes(saga) == [("a", "do", "ok"), ("b", "do", "waiting")]


def test_a_wake_up_during_the_step_before_makes_a_wait_look_again(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", lambda _context: lab.wake())
    lab.plan("do b", Wait(timezone.now() + timedelta(seconds=60), "callback"))
    saga = lab.start(lab.external("a"), lab.local("b"))

    assert run(saga.pk) is Result.PASSED

    assert lab.log == ["do a", "do b", "do b"]


# --- begun before the claim ---


def begun(lab: Lab, *, fails: Exception | None = None) -> Callable[[Context], str]:
    def begin(context: Context) -> str:
        lab.log.append(f"begin, claimed by {context.saga.claimed_by or 'nobody'}")
        if fails:
            raise fails
        return "name"

    return begin


def test_what_was_begun_before_the_claim_is_stored_with_it(lab: Lab) -> None:
    seen: list[object] = []
    step = lab.external(
        "a", begin=begun(lab), prepare=lambda context: seen.append(context.begun)
    )
    lab.plan("do a", lambda context: seen.append(context.begun))
    saga = lab.start(step)

    assert blocks(lambda: run(saga.pk)) == 2

    assert seen == ["name", "name"]
    assert lab.log == ["begin, claimed by nobody", "do a"]


def test_what_begins_before_its_claim_is_not_claimed_ahead(lab: Lab) -> None:
    saga = lab.start(lab.external("a"), lab.external("b", begin=begun(lab)))

    assert run(saga.pk) is Result.PASSED

    assert lab.log == ["do a", "begin, claimed by nobody", "do b"]


def test_what_a_step_answers_is_kept_if_it_is_a_mapping(lab: Lab) -> None:
    lab.plan("do a", "a receipt")
    # b is done twice: what c refuses in the same transaction is rolled back.
    lab.plan("do b", {"receipt": 7}, {"receipt": 7})
    lab.plan("do c", Abort("no more", "sold_out"))
    lab.plan("undo b", "voided")
    saga = lab.start(lab.external("a"), lab.local("b"), lab.local("c"))

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.data == {"b": {"receipt": 7}}
    outputs = saga.attempts.filter(outcome="ok").values_list("step", "output")
    assert list(outputs) == [
        ("a", {}),
        ("b", {"receipt": 7}),
        ("c", {}),
        ("b", {}),
        ("a", {}),
    ]


def test_a_failed_beginning_is_a_failed_try_and_the_next_begins_behind_its_claim(
    lab: Lab, clock: Clock
) -> None:
    seen: list[object] = []
    lab.plan("do a", lambda context: seen.append(context.begun))
    saga = lab.start(lab.external("a", begin=begun(lab, fails=Retry("away"))))

    assert run(saga.pk) is Result.STOPPED
    saga.refresh_from_db()
    assert (saga.attempt, saga.error, saga.claimed_by) == (1, "away", "")
    clock.shift(10)
    assert run(saga.pk) is Result.PASSED

    assert seen == [None]
    assert lab.log == ["begin, claimed by nobody", "do a"]
    assert outcomes(saga) == [("a", "do", "retry"), ("a", "do", "ok")]


def test_a_worker_that_dies_while_it_begins_is_counted_the_next_time(
    lab: Lab, clock: Clock
) -> None:
    def die(_context: Context) -> None:
        raise Killed

    lab.plan("do a", die)
    saga = lab.start(lab.external("a", begin=die, retry=POLICY))
    with pytest.raises(Killed):
        run(saga.pk)
    clock.shift(61)
    sweep()

    with pytest.raises(Killed):
        run(saga.pk)

    saga.refresh_from_db()
    assert (saga.attempt, saga.claimed_by != "") == (1, True)
    assert lab.log == ["do a"]


def test_what_begins_for_a_saga_that_is_claimed_meanwhile_is_forgotten(
    lab: Lab,
) -> None:
    def overtaken(context: Context) -> str:
        operations.cancel(Saga.objects.get(), "ken", "because")
        return "name"

    saga = lab.start(lab.external("a", begin=overtaken))

    assert run(saga.pk) is Result.STOPPED

    assert lab.log == []
    assert Saga.objects.get().direction == "undo"
