"""Metrics of every minute: each ending is counted once, old rows are removed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from saga.engine import run
from saga.errors import ManualIntervention
from saga.metrics import (
    KEPT,
    SagaCounts,
    count_sagas,
    forget_metrics,
    percentile,
    record_metrics,
)
from saga.models import MetricSnapshot, Saga, State
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
