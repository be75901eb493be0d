"""Wrong entries slow down whoever makes them; no stranger locks anybody out."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from shop.logs.privacy import mark
from shop.staff.models import CacheEntry
from tests.shop.staff.door import ASK, Door, arrived, code_now, give_app, words
from tests.support.staff import make_staff

SLOW = "Please wait"
NOON = datetime.fromisoformat("2026-11-22T12:00:05+09:00")

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def from_address(address: str) -> Door:
    return Door(Client(REMOTE_ADDR=address))


def guess(door: Door, times: int, name: str = "yuki") -> str:
    answers = [door.sign_in(name, "a guess") for _ in range(times)]
    return words(answers[-1])


def seconds_to_wait(text: str) -> int:
    found = re.search(r"Please wait (\d+) seconds", text)
    return int(found[1]) if found else 0


def test_five_wrong_passwords_slow_down_their_address(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="shop.staff"):
        assert SLOW not in guess(door, 5)
        answer = door.sign_in()

    assert seconds_to_wait(words(answer)) == 30
    assert not door.is_open()
    name, address = mark("yuki"), mark("127.0.0.1")
    assert f"sign-in of {name} refused, from {address}" in caplog.text
    assert f"sign-in of {name} slowed down, from {address}" in caplog.text
    assert "yuki" not in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_after_the_announced_time_the_right_password_opens(
    door: Door, clock: time_machine.Traveller
) -> None:
    guess(door, 5)
    clock.shift(31)

    assert arrived(door.sign_in()) == "/admin/"


def test_a_stranger_at_another_address_slows_down_nobody(door: Door) -> None:
    guess(from_address("203.0.113.7"), 9)

    assert arrived(door.sign_in()) == "/admin/"


def test_a_known_device_passes_while_its_own_address_guesses(
    door: Door, yuki: User
) -> None:
    door.sign_in()
    door.client.cookies.pop("sessionid")

    assert SLOW in guess(Door(Client()), 9)
    assert arrived(door.sign_in()) == "/admin/"


def test_a_guesser_waits_longer_and_longer(
    door: Door, clock: time_machine.Traveller
) -> None:
    guess(door, 5)
    waits = []
    for _ in range(9):
        waits.append(seconds_to_wait(words(door.sign_in("yuki", "a guess"))))
        clock.shift(waits[-1] + 1)
        guess(door, 1)

    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_guesser_with_many_addresses_gets_one_guess_in_ten_seconds(
    door: Door, clock: time_machine.Traveller
) -> None:
    admitted = 0
    for number in range(60):
        answer = words(from_address(f"203.0.113.{number}").sign_in("yuki", "a guess"))
        admitted += SLOW not in answer
    assert admitted == 50

    clock.shift(11)
    assert arrived(door.sign_in()) == "/admin/"


def test_a_device_is_not_known_to_others_nor_after_a_new_password(
    door: Door, yuki: User
) -> None:
    door.sign_in()
    kept = door.client.cookies[f"staff_device_{yuki.pk}"].value
    miru = make_staff(name="miru")
    thief = Door(Client())
    thief.client.cookies[f"staff_device_{miru.pk}"] = kept
    guess(thief, 5, "miru")
    assert SLOW in guess(from_address("127.0.0.1"), 1, "miru")

    yuki.set_password("another one")
    yuki.save()
    thief.client.cookies[f"staff_device_{yuki.pk}"] = kept
    guess(Door(Client()), 5)
    assert SLOW in guess(thief, 1)


def test_a_stolen_device_is_slowed_down_as_well(door: Door) -> None:
    door.sign_in()
    door.client.cookies.pop("sessionid")

    assert SLOW in guess(door, 6)


@pytest.mark.usefixtures("is_required")
def test_a_password_alone_makes_no_known_device(door: Door, yuki: User) -> None:
    give_app(yuki)
    door.sign_in()
    assert f"staff_device_{yuki.pk}" not in door.client.cookies

    door.answer(code_now())
    assert f"staff_device_{yuki.pk}" in door.client.cookies


def test_others_still_sign_in(door: Door) -> None:
    guess(door, 6)
    make_staff(name="miru")

    assert arrived(door.sign_in("miru")) == "/admin/"


def test_four_wrong_passwords_and_a_right_one_slow_down_nothing(door: Door) -> None:
    for _ in range(3):
        guess(door, 4)
        assert arrived(door.sign_in()) == "/admin/"
        door.client.cookies.clear()


def test_names_that_do_not_exist_are_answered_like_others(door: Door) -> None:
    guess(door, 5, "nobody")

    assert SLOW in guess(door, 1, "nobody")


def test_many_names_from_one_address_slow_down_the_address(door: Door) -> None:
    for number in range(20):
        guess(door, 1, f"name-{number}")

    assert SLOW in words(door.sign_in())


def test_addresses_of_one_ipv6_network_count_as_one(door: Door) -> None:
    for number in range(5):
        guess(from_address(f"2001:db8::{number + 1}"), 1)

    assert SLOW in guess(from_address("2001:db8::99"), 1)


def test_an_unknown_address_slows_down_only_the_name(
    door: Door, settings: Settings
) -> None:
    # What a proxy of which TRUSTED_PROXIES does not tell looks like.
    settings.TRUSTED_PROXIES = 2
    for number in range(21):
        guess(door, 1, f"name-{number}")

    assert arrived(door.sign_in()) == "/admin/"
    guess(Door(Client()), 50)
    assert SLOW in words(Door(Client()).sign_in())


def test_five_wrong_codes_slow_down_the_second_factor(
    door: Door, yuki: User, clock: time_machine.Traveller
) -> None:
    give_app(yuki)
    door.sign_in()
    for _ in range(5):
        door.answer("000000")

    answer = door.answer(code_now())

    assert SLOW in words(answer)
    assert (arrived(answer), door.is_open()) == (ASK, False)
    clock.shift(31)
    assert arrived(door.answer(code_now())) == "/admin/"


def test_codes_guessed_elsewhere_do_not_stop_a_known_device(
    door: Door, yuki: User, clock: time_machine.Traveller
) -> None:
    give_app(yuki)
    door.sign_in()
    door.answer(code_now())
    door.client.cookies.pop("sessionid")
    answers = []
    for number in range(4):
        other = from_address(f"203.0.113.{number}")
        other.sign_in()
        answers += [other.answer("000000") for _ in range(4)]
    assert SLOW in words(answers[-1])

    clock.shift(timedelta(seconds=31))
    door.sign_in()
    assert arrived(door.answer(code_now())) == "/admin/"


def test_the_count_is_in_the_database_and_expires(door: Door) -> None:
    guess(door, 1)

    assert any("sign-in" in key for key in entries())
    cache.clear()
    assert entries() == []


def entries() -> list[str]:
    return list(CacheEntry.objects.values_list("cache_key", flat=True))
