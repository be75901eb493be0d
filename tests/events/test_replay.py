"""Events of the past are delivered again, and old ones go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events import replay as module
from events import retention
from events.consumers import Consumer
from events.deliveries import deliver_due
from events.models import Delivery, Event
from events.replay import Period, chosen, replay
from events.retention import forget_events
from events.router import route_all
from tests.events.conftest import AT, Heard, capture

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
Register = Callable[..., Consumer]


def test_a_consumer_that_came_later_gets_what_happened_before(
    consumer: Register, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    capture(1, 2, 3, 5, 6)
    route_all()
    cook = consumer()
    seen: list[int] = []

    with CaptureQueriesContext(connection) as queries:
        assert replay(cook, Period(), seen.append) == 5
    assert seen == [2, 4, 5]
    # That one reads all events, so it is not asked for each batch.
    assert sum("DISTINCT" in query["sql"] for query in queries) == 1
    deliver_due()
    assert heard == [1, 2, 3, 5, 6]

    replay(cook, Period(), seen.append)
    deliver_due()
    assert heard == [1, 2, 3, 5, 6] * 2


def test_what_waits_already_is_delivered_once(consumer: Register, heard: Heard) -> None:
    cook = consumer()
    capture(1)
    route_all()

    replay(cook, Period(), lambda _done: None)
    deliver_due()

    assert heard == [1]


def test_a_replay_may_be_for_a_period_or_one_type(consumer: Register) -> None:
    cook = consumer()
    capture(1)
    route_all()
    second = timedelta(seconds=1)

    assert chosen(cook, Period(since=AT, until=AT + second)).count() == 1
    assert chosen(cook, Period(until=AT)).count() == 0
    assert chosen(cook, Period(since=AT + second)).count() == 0
    assert chosen(cook, Period(type="tea.boiled")).count() == 1
    assert chosen(cook, Period(type="tea.drunk")).count() == 0


def test_old_events_go_but_the_newest_of_each_subject(
    consumer: Register, heard: Heard
) -> None:
    consumer()
    capture(1, 3, 5, 2)
    route_all()
    deliver_due()

    assert forget_events(AT) == 0
    assert forget_events(AT + timedelta(days=1)) == 2
    assert list(Event.objects.values_list("data__litres", flat=True)) == [5, 2]
    capture(7)
    route_all()
    assert Event.objects.get(data__litres=7).sequence == 4


def test_what_stays_is_read_once_and_not_for_each_batch(
    consumer: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer()
    capture(*range(1, 40, 2), 2)
    route_all()
    deliver_due()
    monkeypatch.setattr(retention, "BATCH", 4)
    after = AT + timedelta(days=1)
    with CaptureQueriesContext(connection) as asked:
        assert forget_events(after) == 18
    looks = [each["sql"] for each in asked if "EXISTS" in each["sql"]]
    assert len(looks) == 5
    # Each goes on where the one before has ended.
    assert [each.count('occurred_at" >=') for each in looks] == [0, 1, 1, 1, 1]
    assert forget_events(after) == 0


def test_an_event_that_somebody_waits_for_stays(
    consumer: Register, heard: Heard
) -> None:
    consumer(attempts=1)
    heard.refused = {1}
    capture(1, 3, 5)
    route_all()
    deliver_due()

    assert forget_events(AT + timedelta(days=1)) == 1
    assert list(Event.objects.values_list("data__litres", flat=True)) == [1, 5]
    assert Delivery.objects.dead().count() == 1
