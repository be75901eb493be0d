import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from saga.engine import run
from saga.errors import Abort, ResumeForward, Retry
from saga.models import Saga, State
from saga.step import Context
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes

pytestmark = pytest.mark.django_db


def test_aborting_undoes_in_reverse_order_from_the_step_itself(lab: Lab) -> None:
    lab.plan("do c", Abort("no more", "sold_out"))
    saga = lab.start(
        lab.local("a"), lab.external("b"), lab.external("c"), lab.local("d")
    )

    run(saga.pk)

    saga.refresh_from_db()
    assert lab.log == ["do a", "do b", "do c", "undo c", "undo b", "undo a"]
    assert (saga.state, saga.reason) == (State.COMPENSATED, "sold_out")
    assert saga.finished_at is not None
    assert outcomes(saga)[2:] == [
        ("c", "do", "refused"),
        ("c", "undo", "ok"),
        ("b", "undo", "ok"),
        ("a", "undo", "ok"),
    ]


def test_steps_that_leave_nothing_are_skipped_on_the_way_back(lab: Lab) -> None:
    lab.plan("do c", Abort("no more", "sold_out"))
    saga = lab.start(
        lab.local("a"), lab.local("b", undo=False), lab.external("c", undo=False)
    )

    run(saga.pk)

    assert lab.log == ["do a", "do b", "do c", "undo a"]
    assert Saga.objects.get().state == State.COMPENSATED


def test_aborting_with_nothing_to_undo_ends_at_once(lab: Lab) -> None:
    lab.plan("do a", Abort("no more", "sold_out"))
    saga = lab.start(lab.local("a", undo=False))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "sold_out")
    assert saga.finished_at is not None


def test_undoing_does_not_wait_for_a_link(lab: Lab) -> None:
    lab.plan("do b", Abort("no more", "sold_out"))
    saga = lab.start(lab.local("a"), lab.local("b"))
    run(saga.pk, link="a")

    run(saga.pk, link="b")

    assert Saga.objects.get().state == State.COMPENSATED


def test_what_an_undo_answers_is_recorded(lab: Lab) -> None:
    lab.plan("do a", Abort("no more", "sold_out"))
    lab.plan("undo a", "voided")
    step = lab.external("a", record_undo=lambda _context, answer: {"is": answer})
    saga = lab.start(step)

    run(saga.pk)

    assert saga.attempts.get(direction="undo").output == {"is": "voided"}


@pytest.mark.parametrize("kind", ["local", "external"])
def test_an_undo_that_keeps_failing_ends_with_a_person(
    lab: Lab, clock: Clock, kind: str
) -> None:
    lab.plan("do b", Abort("no more", "sold_out"))
    lab.plan("undo a", *(Retry("stuck") for _n in range(3)))
    first = lab.local("a") if kind == "local" else lab.external("a")
    saga = lab.start(first, lab.local("b"))

    for _try in range(3):
        run(saga.pk)
        clock.shift(60)
    sweep()

    saga.refresh_from_db()
    assert (saga.state, saga.direction, saga.step) == (State.FAILED, "undo", "a")
    assert lab.log == ["do a", "do b", "undo b", "undo a", "undo a", "undo a"]
    assert lab.alerts == ["R-1 at a: stuck"]


def test_an_undo_that_aborts_ends_with_a_person(lab: Lab) -> None:
    lab.plan("do a", Abort("no more", "sold_out"))
    lab.plan("undo a", Abort("nor back", "stuck"))
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.direction, saga.reason) == ("failed", "undo", "sold_out")


def test_tries_and_relaunches_are_counted_anew_on_the_way_back_and_forward_again(
    lab: Lab,
) -> None:
    seen: list[tuple[str, int, int]] = []

    def look(context: Context) -> None:
        saga = context.saga
        seen.append((saga.direction, saga.attempt, saga.relaunches))

    def look_and_resume(context: Context) -> None:
        look(context)
        message = "it was charged after all"
        raise ResumeForward(message, "pay")

    lab.plan("do b", Abort("too late", "not_paid"))
    lab.plan("undo b", look_and_resume)
    lab.plan("do pay", look)
    saga = lab.start(lab.external("b"), lab.external("pay", pivot=True))
    Saga.objects.update(attempt=1, relaunches=2)

    run(saga.pk)

    assert seen == [("undo", 1, 0), ("do", 1, 0)]


@pytest.mark.parametrize("fault", [Retry("later"), Retry("key", limitless=True)])
def test_a_retry_is_relaunched_from_nought(lab: Lab, fault: Retry) -> None:
    lab.plan("do a", fault)
    saga = lab.start(lab.external("a"))
    Saga.objects.update(relaunches=2)

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.error_kind, saga.relaunches) == ("retry", 0)


def test_an_undo_that_finds_the_pivot_passed_goes_forward(lab: Lab) -> None:
    lab.plan("do b", Abort("too late", "not_paid"))
    lab.plan("undo b", ResumeForward("it was charged after all", "pay"))
    saga = lab.start(
        lab.local("a"),
        lab.external("b"),
        lab.external("pay", pivot=True),
        lab.local("c"),
    )

    run(saga.pk)

    saga.refresh_from_db()
    assert lab.log == ["do a", "do b", "undo b", "do pay", "do c"]
    assert (saga.state, saga.direction, saga.reason) == (State.DONE, "do", "")
    assert saga.pivot_at is not None


def test_aborting_after_the_pivot_calls_a_person_instead(lab: Lab) -> None:
    lab.plan("do b", Abort("sold out", "sold_out"))
    saga = lab.start(lab.external("pay", pivot=True), lab.local("b"))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.error) == (State.FAILED, "sold out")
    assert saga.pivot_at is not None
    assert lab.log == ["do pay", "do b"]


def test_only_an_abort_with_nothing_taken_clears_the_pivot(lab: Lab) -> None:
    lab.plan("do pay", Abort("voided", "not_paid", nothing_taken=True))
    saga = lab.start(lab.local("a"), lab.external("pay", pivot=True, undo=False))

    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.pivot_at) == (State.COMPENSATED, None)
    assert lab.log == ["do a", "do pay", "undo a"]


@pytest.mark.both_databases
@pytest.mark.parametrize("state", [State.COMPENSATING, State.COMPENSATED])
def test_the_database_refuses_to_undo_past_the_pivot(lab: Lab, state: State) -> None:
    saga = lab.start(lab.local("a"))
    Saga.objects.update(pivot_at=timezone.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        Saga.objects.update(state=state)

    saga.refresh_from_db()
    assert saga.state == State.RUNNING


@pytest.mark.both_databases
@pytest.mark.parametrize("changes", [{"state": "failed"}, {"state": "lost"}])
def test_the_database_refuses_a_failure_without_an_alert_and_unknown_states(
    lab: Lab, changes: dict[str, str]
) -> None:
    saga = lab.start(lab.local("a"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Saga.objects.update(**changes)

    saga.refresh_from_db()
    assert saga.state == State.RUNNING
