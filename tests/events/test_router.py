"""Captured rows become events, each once and numbered by subject."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from events import router
from events.consumers import Consumer
from events.models import CapturedRow, Delivery, Event
from events.router import identifier, route, route_all
from tests.events.conftest import AT, BOILED, Heard, capture, read
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_a_captured_row_becomes_an_event(kettles: None) -> None:
    capture(7)

    assert route() == 1

    event = Event.objects.get()
    assert (event.type, event.subject, event.sequence) == ("tea.boiled", "kettle/1", 1)
    assert (event.correlation, event.version) == ("K", BOILED.version)
    assert (event.occurred_at, event.data) == (AT, {"litres": 7})
    assert not CapturedRow.objects.exists()
    assert route() == 0


def test_each_subject_is_numbered_without_gaps(kettles: None) -> None:
    capture(1, 2, 3)
    route()
    capture(5, 4)
    route()

    rows = Event.objects.order_by("id").values_list("data__litres", "sequence")
    assert list(rows) == [(1, 1), (2, 1), (3, 2), (5, 3), (4, 2)]


def test_a_row_captured_twice_is_one_event(kettles: None) -> None:
    capture(1, 1)
    route()
    capture(1, 3)
    route()

    assert list(Event.objects.values_list("data__litres", flat=True)) == [1, 3]


def test_the_identifier_follows_from_the_row_and_tells_its_time() -> None:
    happening = read([7])[7]

    uid = identifier("kettle", 7, happening)

    assert uid == identifier("kettle", 7, happening)
    assert uid.version == 7
    assert uid.variant == "specified in RFC 4122"
    assert uid.int >> 80 == int(AT.timestamp() * 1000)
    assert uid != identifier("kettle", 8, happening)
    assert uid != identifier("pot", 7, happening)


def test_a_row_that_says_nothing_becomes_no_event(kettles: None) -> None:
    capture(13)

    assert route() == 1

    assert not Event.objects.exists()
    assert not CapturedRow.objects.exists()


def test_rows_of_a_source_that_only_a_later_version_knows_wait_for_it(
    kettles: None,
) -> None:
    capture(1, source="of a later version")
    capture(2)

    assert route(most=1) == 1

    assert Event.objects.get().data == {"litres": 2}
    assert CapturedRow.objects.get().source == "of a later version"
    assert route() == 0


def test_batches_are_routed_until_nothing_is_left(
    kettles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router, "BATCH", 2)
    monkeypatch.setattr(router.route, "__defaults__", (2,))
    capture(1, 2, 3, 4, 5)

    assert route_all() == 5
    assert Event.objects.count() == 5


def test_each_consumer_that_wants_the_type_gets_a_delivery(
    consumer: Callable[..., Consumer],
) -> None:
    consumer("cook")
    consumer("baker", patterns=("bread.*", "tea.boiled"))
    consumer("butcher", patterns=("meat.*",))
    capture(2)

    route()

    names = Delivery.objects.order_by("consumer").values_list("consumer", "subject")
    assert list(names) == [("baker", "kettle/0"), ("cook", "kettle/0")]


def test_the_database_refuses_to_change_an_event(kettles: None) -> None:
    capture(1)
    route()

    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(data={})

    assert Event.objects.get().data == {"litres": 1}


def test_what_another_router_has_taken_is_left_alone(kettles: None) -> None:
    capture(1, 2)
    rows = list(CapturedRow.objects.order_by("pk"))
    CapturedRow.objects.filter(pk=rows[0].pk).delete()

    with pytest.raises(router.AnotherRouter):
        router._route(rows)

    assert CapturedRow.objects.count() == 1
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_routers_at_the_same_time_make_each_event_once(
    consumer: Callable[..., Consumer], heard: Heard
) -> None:
    consumer("cook")
    capture(*range(20, 60))

    answers = run_together(range(4), lambda _n: route_all())
    route_all()

    assert not exceptions_in(answers)
    assert Event.objects.count() == Delivery.objects.count() == 40
    for kettle in ("kettle/0", "kettle/1"):
        numbers = Event.objects.filter(subject=kettle).order_by("sequence")
        assert list(numbers.values_list("sequence", flat=True)) == [*range(1, 21)]
