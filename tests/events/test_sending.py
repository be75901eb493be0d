"""Consumers outside: claims, leases, and what a process that dies leaves behind."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from events import sending
from events.consumers import Consumer, all_consumers, find_consumer, register_provider
from events.deliveries import deliver_due
from events.models import Delivery, Event
from events.router import route_all
from events.sending import LEASE, Unavailable, claim, send_batch
from tests.conftest import Clock
from tests.events.conftest import Heard, capture
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
Register = Callable[..., Consumer]
State = Delivery.State


@pytest.fixture
def outside(consumer: Register) -> Register:
    def register(**options: object) -> Consumer:
        return consumer("outside", is_outside=True, **options)

    return register


def states() -> list[str]:
    rows = Delivery.objects.order_by("event_id")
    return list(rows.values_list("state", flat=True))


def test_it_is_sent_outside_of_the_turn_of_the_others(
    outside: Register, heard: Heard
) -> None:
    consumer = outside()
    capture(1)
    route_all()

    assert deliver_due() == 0
    assert send_batch(consumer) == 1
    assert send_batch(consumer) == 0
    assert heard == [1]
    assert states() == [State.DONE]


def test_what_is_claimed_is_nobody_elses_until_the_lease_is_over(
    outside: Register, heard: Heard, clock: Clock
) -> None:
    consumer = outside()
    capture(1)
    route_all()
    (lost,) = claim(consumer)
    assert claim(consumer) == []

    clock.shift(LEASE - timedelta(seconds=1))
    assert claim(consumer) == []
    clock.shift(1)
    assert send_batch(consumer) == 1
    assert heard == [1]
    assert Delivery.objects.get().fence > lost.fence


def test_who_is_late_writes_nothing_down(
    outside: Register, heard: Heard, clock: Clock
) -> None:
    """It takes longer than its lease, and another one sends meanwhile, and fails."""

    def take_long(event: Event) -> None:
        heard(event)
        if len(heard) == 1:
            clock.shift(LEASE)
            claim(consumer)

    consumer = outside(handle=take_long)
    capture(1)
    route_all()

    send_batch(consumer)

    assert states() == [State.WAITING]
    assert Delivery.objects.get().attempts == 0


def test_a_batch_ends_at_the_first_failure_and_the_rest_is_due_again(
    outside: Register, heard: Heard
) -> None:
    consumer = outside(batch=10)
    heard.refused = {3}
    capture(1, 2, 3, 4)
    route_all()

    assert send_batch(consumer) == 4
    assert heard == [1, 2]
    assert states() == [State.DONE, State.DONE, State.WAITING, State.WAITING]
    third, fourth = Delivery.objects.waiting().order_by("event_id")
    assert (third.attempts, fourth.attempts) == (1, 0)
    assert send_batch(consumer) == 1
    assert heard == [1, 2, 4]


def test_while_nobody_is_there_no_attempt_counts(
    outside: Register, clock: Clock
) -> None:
    def away(_event: Event) -> None:
        message = "no broker"
        raise Unavailable(message)

    consumer = outside(handle=away, batch=10)
    capture(1, 2)
    route_all()
    for _hour in range(24):
        with pytest.raises(Unavailable):
            send_batch(consumer)
        clock.shift(3600)

    assert states() == [State.WAITING] * 2
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}


def test_in_order_only_the_first_of_each_subject_is_claimed(
    outside: Register, heard: Heard
) -> None:
    consumer = outside(batch=10, in_order=True)
    capture(1, 2, 3, 4)
    route_all()

    assert [row.event.data["litres"] for row in claim(consumer)] == [1, 2]
    assert claim(consumer) == []


def test_its_own_pauses_replace_those_that_double(outside: Register) -> None:
    pauses = (timedelta(seconds=1), timedelta(hours=5))
    consumer = outside(pauses=pauses)

    assert [consumer.pause(n) for n in (1, 2, 3)] == [*pauses, pauses[-1]]


def test_rows_can_describe_consumers(heard: Heard) -> None:
    found: list[Consumer] = []

    def provide() -> list[Consumer]:
        return found

    register_provider(provide)
    register_provider(provide)
    found.append(Consumer("of a row", ("tea.*",), heard))

    assert [each.name for each in all_consumers()].count("of a row") == 1
    assert find_consumer("of a row") is found[0]
    found.clear()
    assert find_consumer("of a row") is None


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_event_goes_to_one(
    outside: Register, heard: Heard
) -> None:
    consumer = outside()
    capture(*range(20, 30))
    route_all()

    def send_some(_number: int) -> int:
        return sum(send_batch(consumer) for _turn in range(10))

    answers = run_together(range(4), send_some)
    while send_batch(consumer):
        pass

    assert exceptions_in(answers) == []
    assert sorted(heard) == list(range(20, 30))


def test_a_slow_batch_ends_before_its_lease_and_the_rest_is_due_again(
    outside: Register, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_MOST", -1.0)
    consumer = outside(batch=10)
    capture(1, 2, 3)
    route_all()

    assert send_batch(consumer) == 3
    assert states() == [State.DONE, State.WAITING, State.WAITING]
    while send_batch(consumer):
        pass
    assert heard == [1, 2, 3]
    assert states() == [State.DONE] * 3


@pytest.mark.django_db(transaction=True)
def test_who_claims_passes_by_what_another_one_is_claiming(
    outside: Register,
) -> None:
    consumer = outside()
    capture(*range(20, 24))
    route_all()

    answers = run_together(range(4), lambda _number: claim(consumer))

    assert exceptions_in(answers) == []
    claimed = [
        row.pk for answer in answers if isinstance(answer, list) for row in answer
    ]
    assert len(set(claimed)) == len(claimed) == 4
