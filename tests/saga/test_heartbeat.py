"""Needed processes report that they are alive."""

import threading

import pytest
from pytest_django import DjangoAssertNumQueries

from saga.heartbeat import Pulse, beat, beat_in_background, last_seen
from saga.models import Heartbeat
from tests.conftest import Clock
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_a_process_has_one_row_however_often_it_beats(clock: Clock) -> None:
    for _beat in range(3):
        clock.shift(10)
        beat("sweeper")

    row = Heartbeat.objects.get()
    assert last_seen() == {"sweeper": row.seen_at}
    assert row.seen_at > row.started_at


def test_a_loop_that_comes_by_often_beats_now_and_then(
    django_assert_num_queries: DjangoAssertNumQueries, clock: Clock
) -> None:
    pulse = Pulse("sweeper")
    pulse.pass_by()

    with django_assert_num_queries(0):
        for _tick in range(50):
            pulse.pass_by()


@pytest.mark.django_db(transaction=True)
def test_a_process_whose_loop_is_not_ours_beats_from_a_thread() -> None:
    ended = threading.Event()
    thread = beat_in_background("worker", ended)
    try:
        wait_until(lambda: "worker" in last_seen(), "the worker is heard of")
    finally:
        ended.set()
        thread.join(10)

    assert not thread.is_alive()
