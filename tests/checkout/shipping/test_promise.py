"""When an order of a moment is handed over, and when it arrives."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from pytest_django.fixtures import Settings

from checkout.shipping.promise import (
    Calendar,
    Promise,
    Transit,
    is_national_holiday,
    promise,
)
from checkout.shipping.wording import write_days, write_deadline

USUAL = Transit(1, 2)
TOKYO = ZoneInfo("Asia/Tokyo")
WEEK = frozenset(range(5))


def calendar(**changes: Any) -> Calendar:
    usual: dict[str, Any] = {
        "weekdays": WEEK,
        "is_closed_on_holidays": True,
        "cut_off": time(14),
        "handling_days": 0,
    }
    return Calendar(**(usual | changes))


def at(text: str) -> datetime:
    """Return a time in Tokyo, as the database has it: in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


def promised(when: str, transit: Transit = USUAL, **changes: Any) -> Promise:
    found = promise(calendar(**changes), transit, at(when))
    assert found is not None
    return found


CASES = [
    # Order at, days of handling: ship by, arrives from, to, order by.
    ("2026-11-30 10:48", 0, "11-30", "12-01", "12-02", "2026-11-30 14:00"),
    ("2026-11-30 13:59:59", 0, "11-30", "12-01", "12-02", "2026-11-30 14:00"),
    ("2026-11-30 14:00", 0, "12-01", "12-02", "12-03", "2026-12-01 14:00"),
    ("2026-11-30 10:00", 1, "12-01", "12-02", "12-03", "2026-11-30 14:00"),
    # Friday after the cut-off, Saturday, Sunday: all on Monday.
    ("2026-12-04 14:00", 0, "12-07", "12-08", "12-09", "2026-12-07 14:00"),
    ("2026-12-05 00:00", 0, "12-07", "12-08", "12-09", "2026-12-07 14:00"),
    ("2026-12-06 23:59", 0, "12-07", "12-08", "12-09", "2026-12-07 14:00"),
    ("2026-12-04 10:00", 1, "12-07", "12-08", "12-09", "2026-12-04 14:00"),
    # Monday 23 November 2026 is Labour Thanksgiving Day.
    ("2026-11-20 15:00", 0, "11-24", "11-25", "11-26", "2026-11-24 14:00"),
]


@pytest.mark.parametrize(
    ("when", "handling", "ship_by", "earliest", "latest", "order_by"), CASES
)
def test_the_promise(
    when: str, handling: int, ship_by: str, earliest: str, latest: str, order_by: str
) -> None:
    found = promised(when, handling_days=handling)
    assert found.dates == [f"2026-{day}" for day in (ship_by, earliest, latest)]
    assert found.order_by == at(order_by)


def test_it_goes_over_the_end_of_the_year() -> None:
    closed = {date(2026, 12, day): False for day in (29, 30, 31)}
    closed |= {date(2027, 1, day): False for day in (2, 3)}
    found = promised("2026-12-28 14:30", special=closed)
    # New Year's Day is a national holiday; Monday 4 January is the first day of work.
    assert found.dates == ["2027-01-04", "2027-01-05", "2027-01-06"]
    assert found.order_by == at("2027-01-04 14:00")


def test_carriers_deliver_on_every_day() -> None:
    assert promised("2026-12-04 10:00").dates[1:] == ["2026-12-05", "2026-12-06"]


def test_a_special_day_counts_more_than_the_week_and_the_holidays() -> None:
    saturday, holiday = date(2026, 11, 21), date(2026, 11, 23)
    special = {saturday: True, holiday: True}
    assert promised("2026-11-20 15:00", special=special).ship_by == saturday
    assert promised("2026-11-21 15:00", special=special).ship_by == holiday
    friday = {date(2026, 11, 20): False}
    assert promised("2026-11-20 10:00", special=friday).ship_by == date(2026, 11, 24)


def test_a_shop_may_work_on_holidays() -> None:
    found = promised("2026-11-23 10:00", is_closed_on_holidays=False)
    assert found.ship_by == date(2026, 11, 23)


def test_a_shop_that_is_always_closed_promises_nothing() -> None:
    assert (
        promise(calendar(weekdays=frozenset()), Transit(1, 2), at("2026-12-01")) is None
    )


@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        (date(2027, 1, 1), True),
        (date(2027, 3, 21), True),
        (date(2027, 3, 22), True),  # the substitute of a holiday on a Sunday
        (date(2026, 9, 22), True),  # between two holidays
        (date(2026, 12, 31), False),
        (date(2026, 12, 25), False),
    ],
)
def test_national_holidays(day: date, is_holiday: bool) -> None:
    assert is_national_holiday(day) is is_holiday


def test_the_cut_off_is_in_the_shops_time_zone(settings: Settings) -> None:
    settings.TIME_ZONE = "America/New_York"
    now = datetime(2026, 11, 30, 18, 59, tzinfo=UTC)  # 13:59 in New York
    found = promise(calendar(), Transit(1, 1), now)
    assert found is not None
    assert found.order_by == datetime(2026, 11, 30, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "english", "japanese"),
    [
        ("10:48", "Order within 3 h 12 min", "あと3時間12分以内のご注文で"),
        ("13:01:30", "Order within 58 min", "あと58分以内のご注文で"),
        ("13:59:30", "Order within a minute", "あと1分以内のご注文で"),
    ],
)
def test_the_deadline_in_words(now: str, english: str, japanese: str) -> None:
    start, until = at(f"2026-11-30 {now}"), at("2026-11-30 14:00")
    assert write_deadline(start, until) == english
    with override("ja"):
        assert write_deadline(start, until) == japanese


def test_a_deadline_of_another_day_is_a_moment() -> None:
    start, until = at("2026-11-28 13:00"), at("2026-11-30 14:00")
    assert write_deadline(start, until) == "Order by Mon 30 Nov, 14:00 (Japan time)"
    said = "11月30日(月) 14:00（日本時間）までのご注文で"  # noqa: RUF001
    with override("ja"):
        assert write_deadline(start, until) == said


def test_days_in_words() -> None:
    first, last = date(2026, 12, 31), date(2027, 1, 1)
    assert write_days(first, last) == "Thu 31 Dec – Fri 1 Jan"  # noqa: RUF001
    assert write_days(first, first) == "Thu 31 Dec"
    with override("ja"):
        assert write_days(first, last) == "12月31日(木)〜1月1日(金)"
