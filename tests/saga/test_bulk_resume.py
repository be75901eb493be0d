"""Bulk resumes in the database: canary, pace, end at a repeat, crashes."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from saga.bulk_resume.background import Request, advance_all, begin, stop
from saga.bulk_resume.pace import Pace
from saga.engine import run as run_saga
from saga.errors import ManualIntervention
from saga.models import Attempt, BulkResume, BulkResumeMember, Saga, State
from saga.operations import resume
from tests.conftest import Clock
from tests.saga.lab import Lab
from tests.support.threads import run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def act(saga: Saga, actor: str, reason: str, seen: int) -> None:
    resume(saga, actor, reason, seen=seen)


def stopped(lab: Lab, count: int) -> list[Saga]:
    """Return sagas that all stopped at the same step with the same error."""
    step = lab.external("mail")
    lab.plan("do mail", *[ManualIntervention("the server is away")] * count)
    sagas = [lab.start(step, reference=f"R-{n}") for n in range(count)]
    for saga in sagas:
        run_saga(saga.pk)
        saga.refresh_from_db()
    return sagas


def wanted(**pace: Any) -> Request:
    given = {"canary": 1, "per_second": 10.0, **pace}
    return Request(uuid.uuid4(), "yuki", "server is back", Pace(**given))


def work() -> None:
    for saga in Saga.objects.filter(state=State.RUNNING):
        run_saga(saga.pk)


def outcomes(bulk_resume: BulkResume) -> list[str]:
    return list(bulk_resume.members.values_list("outcome", flat=True))


def test_one_goes_first_and_the_others_wait_for_it(lab: Lab, clock: Clock) -> None:
    bulk_resume = begin(stopped(lab, 4), wanted())

    assert advance_all(act) == 1
    clock.shift(2)
    assert advance_all(act) == 0, "the first is still under way"
    assert outcomes(bulk_resume) == ["resumed", "pending", "pending", "pending"]

    work()
    clock.shift(2)
    advance_all(act)
    work()
    clock.shift(2)
    advance_all(act)
    bulk_resume.refresh_from_db()
    assert (bulk_resume.state, outcomes(bulk_resume)) == ("done", ["resumed"] * 4)
    assert set(Saga.objects.values_list("state", flat=True)) == {"done"}
    rows = Attempt.objects.filter(outcome="resumed")
    assert {(row.actor, row.note) for row in rows} == {("yuki", "server is back")}
    assert rows.count() == 4


def test_the_pace_is_kept(lab: Lab, clock: Clock) -> None:
    bulk_resume = begin(stopped(lab, 9), wanted(canary=0, per_second=2.0))
    counts = []
    for _round in range(6):
        counts.append(advance_all(act))
        work()
        clock.shift(1)
    assert counts == [1, 2, 2, 2, 2, 0]
    bulk_resume.refresh_from_db()
    assert bulk_resume.state == BulkResume.State.DONE


def test_a_slow_pace_lets_pass_what_must_pass(lab: Lab, clock: Clock) -> None:
    begin(stopped(lab, 3), wanted(canary=0, per_second=0.1))
    counts = []
    for _round in range(21):
        counts.append(advance_all(act))
        clock.shift(1)
    assert [at for at, count in enumerate(counts) if count] == [0, 10, 20]


def test_the_first_repeat_ends_it_and_leaves_the_rest(lab: Lab, clock: Clock) -> None:
    sagas = stopped(lab, 4)
    bulk_resume = begin(sagas, wanted())
    lab.plan("do mail", ManualIntervention("the server is away"))
    advance_all(act)
    work()
    clock.shift(2)

    assert advance_all(act) == 0

    bulk_resume.refresh_from_db()
    assert bulk_resume.state == BulkResume.State.REPEATED
    assert bulk_resume.detail == "R-0: the server is away"
    assert outcomes(bulk_resume) == ["resumed", "left", "left", "left"]
    assert Saga.objects.failed().count() == 4


def test_a_first_one_that_takes_too_long_ends_it(lab: Lab, clock: Clock) -> None:
    bulk_resume = begin(stopped(lab, 2), wanted(patience=30))
    advance_all(act)
    clock.shift(31)
    advance_all(act)
    bulk_resume.refresh_from_db()
    assert (bulk_resume.state, outcomes(bulk_resume)) == (
        "undecided",
        ["resumed", "left"],
    )


def test_what_moved_on_since_is_refused_and_named(lab: Lab, clock: Clock) -> None:
    sagas = stopped(lab, 2)
    bulk_resume = begin(sagas, wanted(canary=0))
    resume(Saga.objects.get(pk=sagas[0].pk), "taro", "faster")
    for _round in range(3):
        advance_all(act)
        work()
        clock.shift(2)
    first, second = bulk_resume.members.all()
    assert (first.outcome, second.outcome) == ("refused", "resumed")
    assert "R-0 is" in first.refusal
    bulk_resume.refresh_from_db()
    assert bulk_resume.state == BulkResume.State.DONE


def test_a_person_can_end_it(lab: Lab, clock: Clock) -> None:
    bulk_resume = begin(stopped(lab, 3), wanted())
    advance_all(act)
    assert stop(bulk_resume, "taro")
    assert not stop(bulk_resume, "yuki")
    work()
    clock.shift(5)
    assert advance_all(act) == 0
    bulk_resume.refresh_from_db()
    assert (bulk_resume.state, bulk_resume.detail) == ("stopped", "taro")
    assert outcomes(bulk_resume) == ["resumed", "left", "left"]


def test_the_same_form_sent_twice_is_one_bulk_resume(lab: Lab) -> None:
    sagas, decision = stopped(lab, 2), wanted()
    assert begin(sagas, decision).pk == begin(sagas, decision).pk
    assert BulkResumeMember.objects.count() == 2


def test_a_sweeper_that_dies_in_the_middle_is_followed_up_by_another(
    lab: Lab, clock: Clock
) -> None:
    begin(stopped(lab, 2), wanted(canary=0, per_second=50.0))

    def die(saga: Saga, actor: str, reason: str, seen: int) -> None:
        resume(saga, actor, reason, seen=seen)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advance_all(die)
    assert Saga.objects.failed().count() == 2, "resumed and marked, or neither"
    assert advance_all(act) == 0, "its lease is not over"
    clock.shift(61)
    assert advance_all(act) == 1
    clock.shift(2)
    assert advance_all(act) == 1
    assert Attempt.objects.filter(outcome="resumed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_several_sweepers_one_advances_each_round(lab: Lab) -> None:
    begin(stopped(lab, 5), wanted(canary=0, per_second=1.0))
    now = timezone.now() + timedelta(seconds=1)

    done = run_together(range(4), lambda _number: advance_all(act, now))

    # On SQLite a reader may find the database locked; it reads again a second later.
    assert [count for count in done if count == 1] == [1]
    assert Attempt.objects.filter(outcome="resumed").count() == 1


def test_a_bulk_resume_without_a_pace_is_refused(lab: Lab) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        begin_at(stopped(lab, 1), 0.0)


def begin_at(sagas: list[Saga], per_second: float) -> None:
    BulkResume.objects.create(
        failure_group="x",
        step=sagas[0].step,
        per_second=per_second,
        next_at=timezone.now(),
    )
