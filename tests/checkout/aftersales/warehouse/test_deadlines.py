"""A warehouse has working days of the shop's own calendar to ship an order."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from pytest_django.fixtures import Settings

from checkout.aftersales.warehouse.shipping import deadlines
from checkout.shipping.models import SpecialDay, WorkingCalendar

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TOKYO = ZoneInfo("Asia/Tokyo")
# A Friday; Monday 23 November 2026 is a holiday.
FRIDAY = datetime(2026, 11, 20, 15, 30, tzinfo=TOKYO)


@pytest.fixture(autouse=True)
def two_days(settings: Settings) -> None:
    settings.WAREHOUSE_SHIP_DAYS = 2


def after(day: int) -> datetime:
    return FRIDAY.replace(day=day)


def test_weekends_and_holidays_do_not_count() -> None:
    assert deadlines.shipment(FRIDAY) == after(25)


def test_what_staff_entered_counts() -> None:
    WorkingCalendar.objects.create(pk=1, saturday=True, is_closed_on_holidays=False)
    assert deadlines.shipment(FRIDAY) == after(23)

    SpecialDay.objects.create(day=date(2026, 11, 21))
    assert deadlines.shipment(FRIDAY) == after(24)


def test_the_days_are_those_of_the_shop_s_zone() -> None:
    # Sunday evening in London is Monday in Tokyo, so Tuesday is the first day.
    london = datetime(2026, 12, 6, 20, tzinfo=ZoneInfo("Europe/London"))
    assert deadlines.shipment(london) == datetime(2026, 12, 9, 5, tzinfo=TOKYO)


def test_no_day_is_needed_where_none_is_given(settings: Settings) -> None:
    settings.WAREHOUSE_SHIP_DAYS = 0
    assert deadlines.shipment(FRIDAY) == FRIDAY


def test_a_shop_without_working_days_counts_all_days() -> None:
    year = [date.fromordinal(FRIDAY.toordinal() + number) for number in range(370)]
    SpecialDay.objects.bulk_create(SpecialDay(day=day) for day in year)
    assert deadlines.shipment(FRIDAY) == after(22)
