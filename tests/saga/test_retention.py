"""Old rows are removed in bounded steps; what the accounts need stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from saga import retention
from saga.engine import run
from saga.errors import ManualIntervention
from saga.models import Attempt, PeriodicJob, Saga
from saga.operations import resume
from saga.retention import forget_attempts, is_due
from tests.conftest import Clock
from tests.saga.lab import Lab
from tests.support.threads import run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HOUR = timedelta(hours=1)


def test_the_tries_of_old_ended_sagas_go_and_the_actions_of_staff_stay(
    lab: Lab, clock: Clock
) -> None:
    lab.plan("do a", ManualIntervention("look"))
    resumed = lab.start(lab.external("a"))
    run(resumed.pk)
    resumed.refresh_from_db()
    resume(resumed, "ken", "mended")
    run(resumed.pk)
    lab.plan("do a", ManualIntervention("look"))
    still_stopped = lab.start(lab.external("a"), reference="R-2")
    run(still_stopped.pk)
    clock.shift(86_400)
    recent = lab.start(lab.external("a"), reference="R-3")
    run(recent.pk)

    removed = forget_attempts(timezone.now() - HOUR)

    assert removed == 2
    left = Attempt.objects.order_by("pk").values_list("saga__reference", "outcome")
    assert list(left) == [("R-1", "resumed"), ("R-2", "failed"), ("R-3", "ok")]
    assert Saga.objects.count() == 3


def test_each_time_it_goes_on_where_it_stopped(
    lab: Lab, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "BATCHES", 1)
    for number in range(5):
        run(lab.start(lab.external("a"), reference=f"R-{number}").pk)
    clock.shift(86_400)
    before = timezone.now()

    assert [forget_attempts(before) for _time in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_of_several_sweepers_one_does_a_periodic_job_and_not_before_its_time() -> None:
    now = timezone.now()

    first = run_together(range(4), lambda _n: is_due("tidy", HOUR, now))
    too_early = run_together(range(4), lambda _n: is_due("tidy", HOUR, now + HOUR / 2))
    in_time = run_together(range(4), lambda _n: is_due("tidy", HOUR, now + HOUR))

    assert [answers.count(True) for answers in (first, too_early, in_time)] == [1, 0, 1]
    assert PeriodicJob.objects.count() == 1


def test_the_tries_of_an_item_stay_while_its_main_path_goes_on(
    lab: Lab, clock: Clock
) -> None:
    main_path = lab.start(lab.external("a"))
    item = lab.start(lab.external("a"), reference="R-1.1")
    run(item.pk)
    Saga.objects.filter(pk=item.pk).update(parent=main_path)
    clock.shift(86_400)

    assert forget_attempts(timezone.now() - HOUR) == 0
    assert Attempt.objects.filter(saga=item).exists()
