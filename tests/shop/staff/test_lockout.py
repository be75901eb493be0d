"""Wrong entries lock a name or an address for some minutes, and no others."""

import logging
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from shop.staff.models import CacheEntry
from tests.shop.staff.door import ASK, Door, arrived, code_now, give_app, words
from tests.support.staff import make_staff

LOCKED = "locked for 5 minutes"
NOON = datetime.fromisoformat("2026-11-22T12:00:05+09:00")

pytestmark = pytest.mark.both_databases


def guess(door: Door, times: int, name: str = "yuki") -> str:
    answers = [door.sign_in(name, "a guess") for _ in range(times)]
    return words(answers[-1])


def test_five_wrong_passwords_lock_the_name_even_for_the_right_one(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="shop.staff"):
        assert LOCKED not in guess(door, 5)
        answer = door.sign_in()

    assert LOCKED in words(answer)
    assert not door.is_open()
    assert "sign-in of 'yuki' refused, from 127.0.0.1" in caplog.text
    assert "sign-in locked" in caplog.text


def test_after_the_announced_time_the_name_is_open_again(door: Door) -> None:
    with time_machine.travel(NOON, tick=False):
        guess(door, 5)
        assert LOCKED in words(door.sign_in())
    with time_machine.travel(NOON + timedelta(minutes=5, seconds=1), tick=False):
        assert arrived(door.sign_in()) == "/admin/"


def test_others_still_sign_in(door: Door) -> None:
    guess(door, 6)
    make_staff(name="miru")

    assert arrived(door.sign_in("miru")) == "/admin/"


def test_four_wrong_passwords_and_a_right_one_lock_nothing(door: Door) -> None:
    guess(door, 4)

    assert arrived(door.sign_in()) == "/admin/"


def test_names_that_do_not_exist_are_locked_like_others(door: Door) -> None:
    guess(door, 5, "nobody")

    assert LOCKED in guess(door, 1, "nobody")


def test_many_names_from_one_address_lock_the_address(door: Door) -> None:
    for number in range(20):
        guess(door, 1, f"name-{number}")

    assert LOCKED in words(door.sign_in())


def test_an_unknown_address_locks_only_the_name(door: Door, settings: Settings) -> None:
    # What a proxy of which TRUSTED_PROXIES does not tell looks like.
    settings.TRUSTED_PROXIES = 2
    for number in range(21):
        guess(door, 1, f"name-{number}")

    assert arrived(door.sign_in()) == "/admin/"
    guess(Door(Client()), 5)
    assert LOCKED in words(Door(Client()).sign_in())


def test_five_wrong_codes_lock_the_second_factor(door: Door, yuki: User) -> None:
    give_app(yuki)
    door.sign_in()
    for _ in range(5):
        door.answer("000000")

    answer = door.answer(code_now())

    assert LOCKED in words(answer)
    assert (arrived(answer), door.is_open()) == (ASK, False)


def test_the_count_is_in_the_database_and_expires(door: Door) -> None:
    with time_machine.travel(NOON, tick=False):
        guess(door, 1)
    keys = [row[0] for row in entries()]

    assert any("login_failed" in key for key in keys)
    cache.clear()
    assert entries() == []


def entries() -> list[tuple[str]]:
    return list(CacheEntry.objects.values_list("cache_key"))
