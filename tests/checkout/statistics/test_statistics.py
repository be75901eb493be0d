"""The statistics have the figures of the accountant's export, to the yen."""

import csv
import io
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from checkout.accounting import journal, sales, tables
from checkout.accounting.files import write_csv
from checkout.accounting.period import Period
from checkout.accounting.sales import Figures
from checkout.statistics import build as builder
from checkout.statistics import selectors as statistics
from checkout.statistics.build import EventsMissing, build, is_current
from checkout.statistics.comparison import differences
from checkout.statistics.facts import TooOld
from checkout.statistics.models import OrderSales, SalesFigure, StatisticsBuild
from checkout.statistics.services import CONSUMER, add, hear
from events.deliveries import deliver_due
from events.history import collect
from events.models import CapturedRow, Delivery, Event
from events.replay import Period as Replayed
from events.replay import replay
from events.router import route_all
from events.types import all_sources
from tests.checkout.statistics.histories import FIRST, Histories, shuffled
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
TABLES = ("total", "by_day", "by_product", "by_category", "by_rate")


def nothing(_done: int) -> None:
    """Take the progress of a build, and show it nowhere."""


def happen(histories: Histories, acts: int) -> None:
    for _act in range(acts):
        histories.act()
        if histories.chance.random() < 0.3:
            route_all()
        if histories.chance.random() < 0.3:
            deliver_due()
    route_all()
    while deliver_due():
        pass


# Day, kind, country of the tax, rate, what.
Key = tuple[str, str, str, str, str]


def exported() -> Counter[Key]:
    """Return the sums of the accountant's CSV in yen."""
    sums = tables.Sums()
    for entry in journal.entries(MARCH):
        sums.add(entry)
    text = "".join(write_csv(tables.sum_columns(), sums.rows()))
    found: Counter[Key] = Counter()
    for row in list(csv.reader(io.StringIO(text)))[1:]:
        day, kind, rate, country, _entries, gross, tax, _net, _currency = row
        found[day, kind, country, rate, "gross"] += int(gross)
        found[day, kind, country, rate, "tax"] += int(tax)
    return found


def added_up() -> Counter[Key]:
    found: Counter[Key] = Counter()
    for row in SalesFigure.objects.filter(part="rate"):
        for kind, gross, tax in (
            ("Sale", row.charged, row.tax),
            ("Refund", -row.refunded, -row.refunded_tax),
        ):
            key = (str(row.day), kind, row.country, str(row.rate))
            found[*key, "gross"] += gross
            found[*key, "tax"] += tax
    return found


def without_zeros(found: Counter[Key]) -> dict[object, int]:
    return {key: number for key, number in found.items() if number}


def figures() -> list[tuple[object, ...]]:
    names = [each.name for each in SalesFigure._meta.fields if each.name != "id"]
    rows = SalesFigure.objects.values_list(*names)
    return sorted(row for row in rows if any(row[6:]))


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_add_up_to_the_accountant_s_csv(seed: int) -> None:
    happen(Histories(seed), acts=70)

    assert without_zeros(added_up()) == without_zeros(exported())
    assert differences() == []
    assert SalesFigure.objects.filter(refunded__gt=0).exists()
    for name in TABLES:
        read: Callable[[Period], list[Figures]] = getattr(statistics, name)
        assert read(MARCH) == getattr(sales, name)(MARCH), name
    live = figures()

    # Delivered again, all or some, in any order: nothing changes.
    replay(CONSUMER, Replayed(), nothing)
    while deliver_due():
        pass
    events = list(Event.objects.filter(type__in=CONSUMER.patterns))
    for event in shuffled(events, seed):
        hear(event)
    assert figures() == live

    # Dropped and built anew: the same.
    assert build(nothing).too_old == 0
    assert figures() == live
    OrderSales.objects.all().delete()
    SalesFigure.objects.all().delete()
    add(shuffled(events, seed))
    assert figures() == live


def test_a_build_sends_nothing_and_is_told_batch_by_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    histories = Histories(1)
    happen(histories, acts=40)
    monkeypatch.setattr(builder, "BATCH", 7)
    before, seen = Delivery.objects.count(), list[int]()

    built = build(seen.append)

    assert seen[-1] == built.events
    assert max(b - a for a, b in zip([0, *seen], seen, strict=False)) <= 7
    assert Delivery.objects.count() == before
    assert StatisticsBuild.objects.get().events == built.events


def test_statistics_of_an_earlier_time_stay_those_until_built_again() -> None:
    histories = Histories(2)
    happen(histories, acts=40)
    early = figures()
    newest = Event.objects.order_by("-occurred_at").first()
    assert newest is not None
    until = newest.occurred_at + timedelta(milliseconds=5)
    time.sleep(0.01)
    happen(histories, acts=40)
    assert figures() != early

    build(nothing, until=until)
    assert figures() == early
    assert not is_current()
    assert statistics.by_day(MARCH) == sales.by_day(MARCH)
    happen(histories, acts=20)
    assert figures() == early

    build(nothing)
    assert is_current()
    assert differences() == []


def test_while_a_build_is_broken_off_the_report_asks_the_orders() -> None:
    happen(Histories(3), acts=30)
    calls: list[int] = []

    def stop(done: int) -> None:
        calls.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(stop)

    assert not is_current()
    assert statistics.by_rate(MARCH) == sales.by_rate(MARCH)


def test_charges_without_events_are_collected_first() -> None:
    happen(Histories(4), acts=60)
    live = figures()
    # As in a shop that had no events yet.
    Delivery.objects.all().delete()
    Event.objects.all().delete()
    with pytest.raises(EventsMissing, match="events_collect"):
        build(nothing)
    assert figures() == live

    (orders,) = (each for each in all_sources() if each.name == "order")
    made = collect(orders, nothing)

    assert made == Event.objects.count() > 0
    assert collect(orders, nothing) == 0
    assert not Delivery.objects.exists()
    build(nothing)
    assert figures() == live


def test_what_is_captured_is_left_to_the_router() -> None:
    histories = Histories(5)
    while not histories.orders:
        histories.act()
    (orders,) = (each for each in all_sources() if each.name == "order")

    assert collect(orders, nothing) == 0
    assert CapturedRow.objects.filter(source="order").exists()
    route_all()
    assert Delivery.objects.filter(consumer=CONSUMER.name).exists()


def test_an_event_that_says_too_little_is_a_dead_letter_and_is_left_out() -> None:
    data = {"order": "T-1", "currency": "JPY", "amount": 100}
    event = Event.objects.create(
        uid="01900000-0000-7000-8000-000000000001",
        type="payment.captured",
        subject="order/T-1",
        sequence=1,
        occurred_at=FIRST,
        data=data,
    )

    with pytest.raises(TooOld, match="version 2 is needed"):
        hear(event)
    assert is_current()
    assert build(nothing).too_old == 1
    assert not SalesFigure.objects.exists()
    # The figures lack it, so the report does not show them.
    assert not is_current()


def test_the_command_compares_and_mends(capsys: pytest.CaptureFixture[str]) -> None:
    happen(Histories(6), acts=30)
    call_command("statistics_build", "--check")
    assert "The same figures" in capsys.readouterr().out
    row = SalesFigure.objects.filter(part="rate").first()
    assert row is not None
    SalesFigure.objects.filter(pk=row.pk).update(charged=row.charged + 1)

    with pytest.raises(CommandError, match="1 figures differ"):
        call_command("statistics_build", "--check")
    assert f"{row.charged + 1} here, {row.charged} in the export" in (
        capsys.readouterr().out
    )

    call_command("statistics_build")
    call_command("statistics_build", "--check")
    assert "The same figures" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_events_of_one_day_may_be_added_at_once() -> None:
    histories = Histories(7)
    while len(histories.orders) < 4:
        histories.act()
    route_all()
    events = list(Event.objects.filter(type__in=CONSUMER.patterns))

    results = run_together([events, events[::-1]] * 2, add)

    assert not exceptions_in(results)
    assert differences() == []
