"""Sessions of staff end by themselves."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from tests.shop.staff.door import LOGIN, STALLED, Door, arrived, words

MORNING = datetime.fromisoformat("2026-11-22T09:00:00+09:00")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


def test_an_hour_without_a_page_ends_the_session(
    clock: time_machine.Traveller, door: Door
) -> None:
    door.sign_in()
    clock.shift(3590)
    assert arrived(door.get(STALLED)) == STALLED
    clock.shift(3590)
    assert arrived(door.get(STALLED)) == STALLED
    clock.shift(3610)

    answer = door.get(STALLED)

    assert arrived(answer) == LOGIN
    assert "You were signed out" in words(answer)
    assert arrived(door.sign_in(way=STALLED)) == STALLED


def test_an_open_page_that_refreshes_itself_does_not_prolong_it(
    clock: time_machine.Traveller, door: Door
) -> None:
    door.sign_in()
    for _minute in range(61):
        clock.shift(60)
        door.client.get("/admin/", headers={"Sec-Fetch-Dest": "empty"})

    assert not door.is_open()


def test_twelve_hours_end_the_session_of_a_busy_person(
    clock: time_machine.Traveller, door: Door
) -> None:
    door.sign_in()
    for _half_hour in range(24):
        assert door.is_open()
        clock.shift(1800)
    clock.shift(1)

    assert not door.is_open()
