"""Metrics of every minute: each ending is counted once, old rows are removed."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from saga.engine import run
from saga.errors import ManualIntervention, Retry
from saga.metrics import (
    KEPT,
    SagaCounts,
    count_sagas,
    forget_metrics,
    percentile,
    record_metrics,
)
from saga.models import Attempt, MetricSnapshot, Saga, State, StepTally
from saga.tallies import tally
from tests.conftest import Clock
from tests.saga.lab import Lab

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_it_counts_sagas_under_way_stopped_and_due(lab: Lab, clock: Clock) -> None:
    step = lab.external("a")
    lab.plan("do a", ManualIntervention("look"))
    stopped = lab.start(step, reference="R-1")
    run(stopped.pk)
    lab.start(step, reference="R-2")
    clock.shift(30)
    lab.start(step, reference="R-3")
    Saga.objects.filter(reference="R-3").update(state=State.WAITING)

    assert count_sagas(timezone.now()) == SagaCounts(
        in_flight=2, stuck=1, oldest=30, queue=30
    )


def test_without_sagas_every_count_is_zero(db: None) -> None:
    assert count_sagas(timezone.now()) == SagaCounts(0, 0, 0, 0)


def test_each_ending_is_counted_in_one_snapshot(lab: Lab, clock: Clock) -> None:
    record_metrics(timezone.now())
    step = lab.external("a")
    lab.plan("do a", ManualIntervention("look"))
    for number in range(3):
        run(lab.start(step, reference=f"R-{number}").pk)
    clock.shift(60)
    record_metrics(timezone.now())
    clock.shift(60)
    record_metrics(timezone.now())

    counted = list(MetricSnapshot.objects.values_list("done", "stopped"))
    assert counted == [(0, 0), (2, 1), (0, 0)]
    assert MetricSnapshot.objects.all()[1].steps["a"][2] == 2


def test_every_try_is_added_once_to_the_tally_of_its_outcome(
    lab: Lab, clock: Clock
) -> None:
    record_metrics(timezone.now())
    step = lab.external("a")
    lab.plan("do a", Retry("later"), ManualIntervention("look"))
    for number in range(3):
        run(lab.start(step, reference=f"R-{number}").pk)
        clock.shift(60)
        record_metrics(timezone.now())
    for saga in Saga.objects.live():
        run(saga.pk)
    for _minute in range(2):
        clock.shift(60)
        record_metrics(timezone.now())

    found = StepTally.objects.values_list("step", "direction", "outcome", "tries")
    every = Attempt.objects.filter(actor="").values_list("step", "direction", "outcome")
    counted = Counter(every)
    assert {tuple(key): tries for *key, tries in found} == counted
    assert {outcome for *_step, outcome in counted} == {"ok", "retry", "failed"}
    assert all(sum(each.buckets) == each.tries for each in StepTally.objects.all())


def test_a_try_is_counted_under_the_first_bound_that_it_does_not_pass(
    lab: Lab, clock: Clock
) -> None:
    start = timezone.now()
    saga = lab.start(lab.external("a"))
    for fence, seconds in enumerate((0.01, 0.011, 30, 31), start=90):
        ended = start + timedelta(seconds=seconds)
        Attempt.objects.create(
            saga=saga, fence=fence, step="a", direction="do", number=1,
            started_at=start, ended_at=ended, outcome="ok",
        )  # fmt: skip

    tally(0, Attempt.objects.latest("pk").pk)

    [row] = StepTally.objects.all()
    assert row.buckets == [1, 1, *[0] * 8, 1, 1]
    assert row.seconds == pytest.approx(61.021)


def test_of_several_sweepers_one_takes_the_minute(lab: Lab, clock: Clock) -> None:
    assert record_metrics(timezone.now())
    assert not record_metrics(timezone.now())
    assert MetricSnapshot.objects.count() == 1


def test_old_metrics_are_removed(lab: Lab, clock: Clock) -> None:
    record_metrics(timezone.now())
    clock.shift(KEPT + timedelta(minutes=2))
    record_metrics(timezone.now())
    forget_metrics(timezone.now())
    assert MetricSnapshot.objects.count() == 1


def test_percentiles_are_of_the_values_themselves() -> None:
    values = list(range(1, 101))
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.95) == 96
    assert percentile([7], 0.95) == 7
