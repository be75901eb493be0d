"""Guessers wait; nobody else does for long."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from shop.customers.models import AccountMail, Customer
from tests.support.accounts import EMAIL, HOME, SIGN_OUT, ask_for_code, sign_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime.fromisoformat("2026-11-22T12:00:05+09:00")
SLOW = "Too many attempts"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def guess(client: Client, times: int, email: str = EMAIL) -> str:
    answers = [sign_in(client, email, "a guess") for _ in range(times)]
    return words(answers[-1])


def test_the_sixth_guess_waits_and_the_right_password_after_it(
    hanako: Customer, clock: time_machine.Traveller
) -> None:
    guesser = at("192.0.2.1")
    assert SLOW not in guess(guesser, 5)
    assert SLOW in guess(guesser, 1)
    assert SLOW in words(sign_in(guesser))

    clock.shift(31)
    assert sign_in(guesser)["Location"] == HOME


def test_a_guesser_does_not_slow_down_the_customer(hanako: Customer) -> None:
    guess(at("192.0.2.1"), 20)

    assert sign_in(at("192.0.2.2"))["Location"] == HOME


def test_a_known_device_is_let_in_while_the_whole_world_guesses(
    hanako: Customer,
) -> None:
    mine = at("192.0.2.2")
    sign_in(mine)
    mine.post(SIGN_OUT)
    for host in range(60):
        guess(at(f"198.51.100.{host}"), 1)
    assert SLOW in words(sign_in(at("203.0.113.1")))

    assert sign_in(mine)["Location"] == HOME


def test_unknown_addresses_are_slowed_down_alike() -> None:
    assert SLOW in guess(at("192.0.2.1"), 6, "nobody@customer.example")


def test_nobody_can_fill_a_mailbox_with_codes(hanako: Customer) -> None:
    for host in range(30):
        ask_for_code(at(f"198.51.100.{host}"))

    assert AccountMail.objects.filter(to=EMAIL).count() == 10


def test_a_known_device_gets_its_code_all_the_same(hanako: Customer) -> None:
    mine = at("192.0.2.2")
    sign_in(mine)
    mine.post(SIGN_OUT)
    for host in range(30):
        ask_for_code(at(f"198.51.100.{host}"))
    before = AccountMail.objects.count()

    assert ask_for_code(mine)["Location"] == "/account/code/"
    assert AccountMail.objects.count() == before + 1
