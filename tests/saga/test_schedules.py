"""Sagas that start by the calendar, once for each period."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from saga import schedules
from saga.models import PeriodicJob, Saga
from saga.operations import start_once
from saga.schedules import Every, Schedule, register_schedule, start_due
from tests.saga.lab import Lab

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

DAY = timedelta(days=1)


@pytest.fixture
def schedule(lab: Lab) -> Iterator[Schedule]:
    before = dict(schedules._schedules)
    schedules._schedules.clear()
    definition = lab.deploy(1, lab.local("a"))
    with timezone.override("Asia/Tokyo"):
        yield register_schedule(Schedule(definition, Every.DAY, time(2)))
    schedules._schedules.clear()
    schedules._schedules.update(before)


def at(day: int, hour: int) -> datetime:
    return datetime(2030, 1, day, hour, tzinfo=ZoneInfo("Asia/Tokyo"))


def references() -> list[str]:
    return list(Saga.objects.order_by("pk").values_list("reference", flat=True))


def test_it_starts_once_a_day_for_the_day_that_ended(schedule: Schedule) -> None:
    assert start_due(at(1, 12)) == 0, (
        "what ended before it was known is not made up for"
    )
    assert start_due(at(2, 1)) == 0
    assert [start_due(at(2, 2)) for _sweeper in range(3)] == [1, 0, 0]
    assert start_due(at(2, 23)) == 0
    assert start_due(at(3, 5)) == 1
    assert references() == ["2030-01-01", "2030-01-02"]


def test_periods_that_passed_in_a_stop_are_made_up_for(schedule: Schedule) -> None:
    start_due(at(1, 12))
    assert start_due(at(30, 12)) == schedules.MOST_AT_ONCE
    while start_due(at(30, 12)):
        pass
    assert references() == [f"2030-01-{day:02}" for day in range(1, 30)]


def test_a_person_may_start_it_first(schedule: Schedule) -> None:
    start_due(at(1, 12))
    _saga, is_new = start_once(schedule.definition, "2030-01-01")
    assert is_new
    assert start_due(at(2, 3)) == 0
    assert start_once(schedule.definition, "2030-01-01")[1] is False
    assert references() == ["2030-01-01"]


def test_who_dies_before_the_commit_has_started_nothing(schedule: Schedule) -> None:
    start_due(at(1, 12))
    with transaction.atomic():
        start_due(at(2, 3))
        transaction.set_rollback(True)
    assert references() == []
    assert start_due(at(2, 3)) == 1


def test_two_sweepers_that_read_the_same_start_one(schedule: Schedule) -> None:
    start_due(at(1, 12))
    assert start_due(at(2, 3)) == 1
    # The second one has read how far it came before the first one wrote it.
    PeriodicJob.objects.update(done_at=at(1, 12))
    assert start_due(at(2, 3)) == 0
    assert references() == ["2030-01-01"]


@pytest.mark.parametrize(
    ("every", "periods"),
    [
        (Every.WEEK, ["2030-W01", "2030-W02", "2030-W03", "2030-W04"]),
        (Every.MONTH, ["2030-01"]),
    ],
)
def test_weeks_and_months_have_their_names(
    schedule: Schedule, every: Every, periods: list[str]
) -> None:
    register_schedule(Schedule(schedule.definition, every, time(2)))
    start_due(at(1, 12))
    start_due(at(31, 12) + DAY)
    assert references() == periods


@override_settings(TIME_ZONE="Europe/Berlin")
def test_an_hour_that_a_change_of_clocks_leaves_out_still_comes(lab: Lab) -> None:
    with timezone.override("Europe/Berlin"):
        one = Schedule(lab.deploy(1, lab.local("a")), Every.DAY, time(2, 30))
        days = one.due(
            datetime(2030, 3, 30, 12, tzinfo=UTC), datetime(2030, 4, 1, tzinfo=UTC)
        )
        assert list(days) == [date(2030, 3, 31)]
