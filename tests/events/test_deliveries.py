"""Deliveries: once, again after a failure, dead letters, in order."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection

from events import dead_letters, deliveries
from events.consumers import LONGEST_PAUSE, Consumer
from events.dead_letters import Outcome
from events.deliveries import deliver_due, deliver_to, retry, try_once, when_dead
from events.models import Delivery, Event
from events.router import route_all
from shop.database_clock import Now
from tests.conftest import Clock
from tests.events.conftest import Heard, capture
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
Register = Callable[..., Consumer]
State = Delivery.State


@pytest.fixture
def told() -> Iterator[list[int]]:
    told: list[int] = []

    def tell(delivery: Delivery) -> None:
        told.append(delivery.event_id)

    when_dead(tell)
    yield told
    deliveries._when_dead.remove(tell)


def states(consumer: str = "cook") -> list[str]:
    rows = Delivery.objects.filter(consumer=consumer).order_by("event_id")
    return list(rows.values_list("state", flat=True))


def test_an_event_is_delivered_once(consumer: Register, heard: Heard) -> None:
    consumer()
    capture(1, 2)
    route_all()

    assert deliver_due() == 2
    assert deliver_due() == 0

    assert heard == [1, 2]
    assert states() == [State.DONE, State.DONE]


def test_a_failure_is_tried_again_after_a_pause(
    consumer: Register, heard: Heard, clock: Clock
) -> None:
    consumer()
    heard.refused = {1}
    capture(1)
    route_all()

    assert deliver_due() == 0
    failed = Delivery.objects.get()
    assert (failed.state, failed.attempts) == (State.WAITING, 1)
    assert (failed.error_class, failed.error) == ("ValueError", "too hot: 1")
    assert deliver_due() == 0

    heard.refused.clear()
    clock.shift(6)
    assert deliver_due() == 1
    assert Delivery.objects.get().error == ""


def test_after_its_attempts_it_is_a_dead_letter_and_somebody_hears_of_it(
    consumer: Register, heard: Heard, clock: Clock, told: list[int]
) -> None:
    consumer(attempts=2)
    heard.refused = {1}
    capture(1)
    route_all()
    deliver_due()
    assert told == []
    clock.shift(3600)
    deliver_due()

    assert states() == [State.DEAD]
    assert told == [Event.objects.get().pk]
    clock.shift(100_000)
    assert deliver_due() == 0

    heard.refused.clear()
    assert retry(Delivery.objects.all()) == 1
    assert retry(Delivery.objects.all()) == 0
    assert deliver_due() == 1
    assert heard == [1]


def test_what_a_consumer_wrote_before_it_failed_is_rolled_back(
    consumer: Register,
) -> None:
    def write_and_fail(event: Event) -> None:
        Event.objects.filter(pk=event.pk).delete()
        raise ValueError

    def write(event: Event) -> None:
        Delivery.objects.filter(event=event).update(error="written")
        raise ValueError

    consumer(handle=write)
    capture(1)
    route_all()
    deliver_due()

    assert Delivery.objects.get().error == ""
    assert Event.objects.exists()


def test_a_dead_service_keeps_nobody_else_waiting(
    consumer: Register, heard: Heard
) -> None:
    def fail(_event: Event) -> None:
        raise ConnectionError

    consumer("broken", handle=fail)
    consumer("cook")
    capture(*range(20, 40))
    route_all()

    assert deliver_due() == 20
    assert heard == [*range(20, 40)]
    tried = Delivery.objects.filter(consumer="broken", attempts__gt=0)
    assert tried.count() == deliveries.FAILURES_IN_A_ROW


def test_in_order_an_event_waits_for_the_earlier_ones_of_its_subject(
    consumer: Register, heard: Heard, clock: Clock
) -> None:
    consumer(in_order=True, attempts=1)
    heard.refused = {1}
    capture(1, 3, 2)
    route_all()

    deliver_due()
    deliver_due()
    assert heard == [2]
    assert states() == [State.DEAD, State.WAITING, State.DONE]

    heard.refused.clear()
    retry(Delivery.objects.dead())
    deliver_due()
    deliver_due()
    assert heard == [2, 1, 3]


def test_a_delivery_that_another_process_has_taken_is_not_made_again(
    consumer: Register, heard: Heard
) -> None:
    cook = consumer()
    capture(1)
    route_all()
    as_read_before = Delivery.objects.select_related("event").get()
    deliver_due()

    assert try_once(cook, as_read_before) is None
    assert heard == [1]


def test_a_failure_that_comes_late_does_not_undo_a_delivery(
    consumer: Register, heard: Heard, told: list[int]
) -> None:
    cook = consumer(attempts=1)
    capture(1)
    route_all()
    as_read_before = Delivery.objects.select_related("event").get()
    deliver_due()

    deliveries.count_failure(cook, as_read_before, ValueError())

    assert states() == [State.DONE]
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_processes_at_the_same_time_deliver_each_event_once(
    consumer: Register, heard: Heard
) -> None:
    cook = consumer()
    capture(*range(20, 50))
    route_all()

    answers = run_together(range(3), lambda _n: deliver_to(cook))

    assert not exceptions_in(answers)
    assert sorted(heard) == [*range(20, 50)]
    assert sum(answer for answer in answers if isinstance(answer, int)) == 30


def test_the_pause_doubles_and_has_an_end(consumer: Register) -> None:
    cook = consumer()

    assert cook.pause(1) == timedelta(seconds=5)
    assert cook.pause(3) == timedelta(seconds=20)
    assert cook.pause(500) == LONGEST_PAUSE


def test_one_that_fails_holds_up_no_other_of_its_group(
    consumer: Register, heard: Heard
) -> None:
    consumer(attempts=1)
    heard.refused = {4}
    capture(*range(1, 8))
    route_all()

    assert deliver_due() == 6

    assert states() == [State.DONE] * 3 + [State.DEAD] + [State.DONE] * 3
    assert Delivery.objects.get(state=State.DEAD).error == "too hot: 4"


def test_what_a_failed_group_wrote_is_rolled_back(consumer: Register) -> None:
    """Each event writes one row, whatever became of the others of its group."""
    refused = {5}

    def write(event: Event) -> None:
        if event.data["litres"] in refused:
            raise ValueError
        Group.objects.create(name=f"litres {event.data['litres']}")

    consumer(handle=write, attempts=1)
    capture(*range(1, 8))
    route_all()
    deliver_due()

    assert Group.objects.filter(name__startswith="litres").count() == 6


def test_a_group_may_be_handed_over_as_one(consumer: Register, heard: Heard) -> None:
    groups: list[list[int]] = []

    def take(events: Sequence[Event]) -> None:
        litres = [event.data["litres"] for event in events]
        if 9 in litres:
            raise ValueError
        groups.append(litres)

    consumer(handle_all=take)
    capture(1, 2, 3)
    route_all()
    assert deliver_due() == 3
    assert groups == [[1, 2, 3]]

    # What the group cannot take, each takes alone.
    capture(8, 9)
    route_all()
    assert deliver_due() == 2
    assert heard == [8, 9]


def test_the_group_ends_when_it_takes_long(
    consumer: Register, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "AT_MOST", -1.0)
    consumer()
    capture(1, 2, 3)
    route_all()

    assert deliver_due() == 3
    assert heard == [1, 2, 3]


def test_a_consumer_that_is_down_for_a_day_catches_up(
    consumer: Register, heard: Heard, clock: Clock
) -> None:
    other: list[int] = []
    consumer("other", handle=lambda event: other.append(event.data["litres"]))
    consumer(attempts=8)
    heard.refused = set(range(1, 40))
    for key in (1, 2, 3):
        capture(key)
    for hour in range(24):
        capture(4 + hour)
        route_all()
        for _turn in range(3):
            clock.shift(1200)
            deliver_due()
    assert Delivery.objects.dead().filter(consumer="cook", is_outage=True).exists()
    assert heard == []
    # Nobody else has noticed.
    assert sorted(other) == [key for key in range(1, 28) if key != 13]
    assert not Delivery.objects.dead().filter(consumer="other").exists()

    heard.refused = set()
    capture(30)
    route_all()
    for _turn in range(3):
        clock.shift(3600)
        deliver_due()

    assert sorted(heard) == [*(key for key in range(1, 28) if key != 13), 30]
    assert not Delivery.objects.open().exists()


def test_a_poisonous_event_fills_its_own_dead_letters_only(
    consumer: Register, heard: Heard, clock: Clock
) -> None:
    consumer(attempts=1)
    heard.refused = {2}
    capture(2, 3)
    route_all()
    deliver_due()
    for key in (4, 5, 6):
        clock.shift(60)
        capture(key)
        route_all()
        deliver_due()

    dead = Delivery.objects.dead().get()
    assert (dead.event.data["litres"], dead.is_outage) == (2, False)
    assert heard == [3, 4, 5, 6]


def test_a_database_that_refuses_the_group_is_not_taken_for_a_consumer_s_failure(
    consumer: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    look = deliveries.ready

    def refuse_second(*arguments: Any) -> Any:
        looks.append(arguments)
        if len(looks) == 2:
            message = "the server closed the connection"
            raise OperationalError(message)
        return look(*arguments)

    monkeypatch.setattr(deliveries, "ready", refuse_second)
    consumer()
    capture(1)
    route_all()

    with pytest.raises(OperationalError):
        deliver_due()

    assert Delivery.objects.get().attempts == 0
    assert deliver_due() == 1


def test_of_a_letter_that_another_process_tries_meanwhile_its_end_is_told(
    consumer: Register, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_another(consumer: Consumer, letter: Delivery) -> bool | None:
        try_once(consumer, Delivery.objects.select_related("event").get(pk=letter.pk))
        return try_once(consumer, letter)

    monkeypatch.setattr(dead_letters, "try_once", after_another)
    consumer(attempts=1)
    heard.refused = {1}
    capture(1, 3)
    route_all()
    deliver_due()

    assert dead_letters.retry_group("cook", "ValueError") == (Outcome.FAILED, 0)
    heard.refused.clear()
    assert dead_letters.retry_group("cook", "ValueError") == (Outcome.RETRIED, 1)


@pytest.mark.parametrize("in_order", [False, True])
def test_a_look_and_a_group_are_the_beginning_of_an_index(
    consumer: Register, in_order: bool
) -> None:
    """Not sorted, and not joined: what others have waiting is not read."""
    cook = consumer(in_order=in_order)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Of a few rows it would read all, whatever there is.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")

    plan = deliveries.ready(cook, Now())[:50].explain()

    assert "delivery_due_idx" in plan
    assert not re.search("Sort|TEMP B-TREE|events_event ", plan)
