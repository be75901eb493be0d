"""Endpoints that fail: retries, pauses, dead letters, and the end after days."""

from datetime import timedelta

import pytest

from checkout.stream import endpoints
from events.consumers import find_consumer
from events.models import Delivery
from events.sending import LEASE
from outgoing.webhooks import services
from outgoing.webhooks.consumers import PAUSES, THREADS
from outgoing.webhooks.models import Attempt, Endpoint
from saga.models import Alert
from tests.conftest import Clock
from tests.outgoing.conftest import (
    Listen,
    boil,
    parts_of,
    says_status,
    send_all,
    states,
)
from tests.support.raw_server import RawServer

pytestmark = pytest.mark.django_db
State = Delivery.State


class Moody:
    """A server's answer that a test may change."""

    def __init__(self, status: int = 500, more: str = "") -> None:
        self.answer = says_status(status, more)

    def __call__(self, connected: object) -> None:
        self.answer(connected)  # type: ignore[arg-type]

    def recover(self) -> None:
        self.answer = says_status(204)


def threads_of(endpoint: Endpoint) -> int:
    consumer = find_consumer(endpoint.consumer)
    assert consumer is not None
    return consumer.threads


def heard_by(server: RawServer) -> list[int]:
    bodies = [parts_of(request)[1] for request in server.heard]
    return [int(body.partition(b'"litres":')[2].partition(b"}")[0]) for body in bodies]


@pytest.mark.both_databases
def test_a_failure_is_tried_again_and_then_taken(listen: Listen, clock: Clock) -> None:
    moody = Moody()
    endpoint, server = listen(moody)
    boil(1)

    assert send_all(endpoint) == 1
    failed = Delivery.objects.get()
    assert (failed.state, failed.attempts) == (State.WAITING, 1)
    assert failed.error == "the answer is 500, and not 200 to 299"
    assert send_all(endpoint) == 0

    moody.recover()
    clock.shift(PAUSES[0])
    assert send_all(endpoint) == 1
    assert states(endpoint) == [State.DONE]
    first, second = (parts_of(request)[0] for request in server.heard)
    assert first["webhook-id"] == second["webhook-id"]
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)
    assert endpoint.succeeded_at is not None


def test_a_message_that_is_never_taken_is_a_dead_letter_of_its_own(
    listen: Listen, clock: Clock
) -> None:
    """The others of this endpoint, and other endpoints, have what they want."""

    def refuse_one(connected: object) -> None:
        odd = b'"litres":1}' in server.heard[-1]
        says_status(500 if odd else 200)(connected)  # type: ignore[arg-type]

    endpoint, server = listen(refuse_one)
    other, _fine = listen()
    boil(1)
    for number, pause in enumerate((timedelta(0), *PAUSES)):
        clock.shift(pause)
        boil(2 * number + 2)
        send_all(endpoint)
    send_all(other)

    dead = Delivery.objects.dead().get()
    assert dead.consumer == endpoint.consumer
    assert dead.attempts == len(PAUSES) + 1
    assert states(endpoint).count(State.DONE) == len(PAUSES) + 1
    assert set(states(other)) == {State.DONE}
    assert Alert.objects.get().topic == f"dead_letter {endpoint.consumer}"


def test_after_failures_in_a_row_one_message_tries_until_it_answers(
    listen: Listen, clock: Clock
) -> None:
    moody = Moody()
    endpoint, server = listen(moody)
    boil(*range(20, 50))

    assert threads_of(endpoint) == THREADS
    assert send_all(endpoint) == 5
    assert send_all(endpoint) == 0
    for expected in (6, 7, 8):
        clock.shift(60)
        # Several would try with as many messages.
        assert threads_of(endpoint) == 1
        send_all(endpoint)
        assert len(server.heard) == expected

    moody.recover()
    clock.shift(120)
    send_all(endpoint)
    assert threads_of(endpoint) == THREADS
    # Those that failed long ago are due as well, although their pause is not over.
    clock.shift(LEASE)
    send_all(endpoint)
    assert states(endpoint) == [State.DONE] * 30
    assert Delivery.objects.filter(attempts__gt=2).count() <= 8


def test_the_pause_ends_within_minutes_however_long_it_fails(
    listen: Listen, clock: Clock
) -> None:
    endpoint, _server = listen(Moody())
    boil(*range(1, 80))
    for _turn in range(60):
        send_all(endpoint)
        clock.shift(660)

    endpoint.refresh_from_db()
    assert endpoint.failures == 64
    assert not Delivery.objects.dead().exists()


@pytest.mark.parametrize(("status", "waits"), [(429, True), (503, True), (500, False)])
def test_an_endpoint_may_ask_to_be_left_alone(
    listen: Listen, clock: Clock, status: int, waits: bool
) -> None:
    endpoint, server = listen(Moody(status, "Retry-After: 1800\r\n"))
    boil(1, 2)
    send_all(endpoint)
    clock.shift(1700)
    send_all(endpoint)
    assert len(server.heard) == (1 if waits else 4)

    clock.shift(101)
    send_all(endpoint)
    assert len(server.heard) > 1


@pytest.mark.both_databases
def test_days_of_failures_disable_it_and_alert_staff_once(
    listen: Listen, clock: Clock
) -> None:
    endpoint, _server = listen(Moody())
    boil(1, 2)
    send_all(endpoint)
    clock.shift(timedelta(days=5, seconds=1))
    send_all(endpoint)

    endpoint.refresh_from_db()
    assert endpoint.state == Endpoint.State.DISABLED
    alert = Alert.objects.get()
    title, lines = endpoints.write(alert)
    assert title == "The webhook endpoint ERP was disabled"
    assert "the answer is 500" in lines[0]
    assert f"/admin/outgoing/endpoint/{endpoint.pk}/change/" in lines[3]
    boil(3)
    assert len(states(endpoint)) == 2
    Endpoint.objects.all().delete()
    assert "removed" in endpoints.write(alert)[0]


def test_a_success_in_between_keeps_it_alive(listen: Listen, clock: Clock) -> None:
    moody = Moody()
    endpoint, _server = listen(moody)
    boil(1)
    send_all(endpoint)
    clock.shift(timedelta(days=4))
    moody.recover()
    send_all(endpoint)
    moody.answer = says_status(500)
    clock.shift(timedelta(days=4))
    boil(2)
    send_all(endpoint)

    endpoint.refresh_from_db()
    assert endpoint.state == Endpoint.State.ACTIVE


def test_an_endpoint_that_is_gone_is_disabled_at_once(listen: Listen) -> None:
    endpoint, _server = listen(says_status(410))
    boil(1)
    send_all(endpoint)

    endpoint.refresh_from_db()
    assert endpoint.state == Endpoint.State.DISABLED
    assert services.switch_on(endpoint)


def test_a_failed_test_is_no_fault_and_a_good_one_ends_the_pause(
    listen: Listen, clock: Clock
) -> None:
    moody = Moody()
    endpoint, _server = listen(moody)
    for _time in range(6):
        services.send_test(endpoint)
    endpoint.refresh_from_db()
    assert endpoint.failures == 0

    boil(*range(1, 7))
    send_all(endpoint)
    moody.recover()
    services.send_test(endpoint)
    assert send_all(endpoint) == 1
    clock.shift(LEASE)
    send_all(endpoint)
    assert states(endpoint) == [State.DONE] * 6


def test_in_order_a_subject_waits_for_what_failed_and_others_do_not(
    listen: Listen, clock: Clock
) -> None:
    def refuse_one(connected: object) -> None:
        odd = refusing and b'"litres":1}' in server.heard[-1]
        says_status(500 if odd else 200)(connected)  # type: ignore[arg-type]

    refusing = True
    endpoint, server = listen(refuse_one, in_order=True)
    boil(1, 2, 3, 4, 5)
    send_all(endpoint)
    assert heard_by(server) == [1, 2, 4]

    refusing = False
    clock.shift(PAUSES[0])
    send_all(endpoint)
    assert heard_by(server) == [1, 2, 4, 1, 3, 5]


def test_the_answer_of_each_attempt_is_kept(listen: Listen, clock: Clock) -> None:
    moody = Moody()
    endpoint, _server = listen(moody)
    boil(1)
    send_all(endpoint)
    moody.recover()
    clock.shift(6)
    send_all(endpoint)

    kept = list(Attempt.objects.order_by("pk").values_list("status", flat=True))
    assert kept == [500, 204]
