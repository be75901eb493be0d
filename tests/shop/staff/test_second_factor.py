"""The second factor: set up, asked for, and required."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as product
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from shop.staff.enrolment import give_code
from tests.shop.staff.door import (
    ASK,
    CODES,
    ENROL,
    LOGIN,
    OVERVIEW,
    STALLED,
    Door,
    arrived,
    code_now,
    give_app,
    give_codes,
    words,
)

APP = f"{OVERVIEW}app/"


def set_up_app(door: Door) -> str:
    """Set up an app on its page. Return its key."""
    page = door.get(APP).content.decode()
    found = re.search(r'<span class="secret">(\w+)</span>', page)
    assert found
    assert 'src="data:image/svg+xml;base64,' in page
    answer = door.post(APP, code=code_now(found[1]))
    assert arrived(answer) == CODES
    return found[1]


def test_an_app_that_was_set_up_is_asked_for_at_the_next_sign_in(
    door: Door,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    door.sign_in()
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up_app(door)
    yuki = User.objects.get(username="yuki")
    assert f"second factor of user {yuki.pk}: totp_activated" in caplog.text
    door.post("/admin/logout/")

    asked = door.sign_in(way=STALLED)

    assert arrived(asked) == ASK
    assert not door.is_open()
    assert arrived(door.answer(code_now(secret))) == STALLED


def test_a_wrong_code_sets_up_nothing(door: Door, yuki: User) -> None:
    door.sign_in()
    door.get(APP)

    answer = door.post(APP, code="000000")

    assert "This code is wrong" in words(answer)
    assert not Authenticator.objects.filter(user=yuki).exists()


def test_a_wrong_code_does_not_sign_in(door: Door, yuki: User) -> None:
    give_app(yuki)
    door.sign_in()

    answer = door.answer("000000")

    assert (arrived(answer), door.is_open()) == (ASK, False)
    assert "This code is wrong" in words(answer)


def test_a_code_can_be_used_once_in_all_processes(door: Door, yuki: User) -> None:
    give_app(yuki)
    with time_machine.travel("2026-11-22T12:00:05+09:00", tick=False):
        code = code_now()
        door.sign_in()
        assert arrived(door.answer(code)) == "/admin/"
        second = Door(Client())
        second.sign_in()

        answer = second.answer(code)

        assert "was used before" in words(answer)
        assert not second.is_open()
    with time_machine.travel("2026-11-22T12:00:35+09:00", tick=False):
        assert "was used before" in words(second.answer(code))
        assert arrived(second.answer(code_now())) == "/admin/"


def test_used_codes_and_wrong_entries_are_in_the_database() -> None:
    backend = product.CACHES["default"]["BACKEND"]

    assert backend == "django.core.cache.backends.db.DatabaseCache"


def test_a_recovery_code_can_be_used_once(door: Door, yuki: User) -> None:
    give_app(yuki)
    code, *_rest = give_codes(yuki)
    door.sign_in()
    assert arrived(door.answer(code)) == "/admin/"
    door.post("/admin/logout/")
    door.sign_in()

    answer = door.answer(code)

    assert (arrived(answer), door.is_open()) == (ASK, False)


def test_recovery_codes_can_be_read_saved_and_replaced(door: Door, yuki: User) -> None:
    give_app(yuki)
    old = give_codes(yuki)
    door.sign_in()
    door.answer(code_now())

    assert all(code in words(door.get(CODES)) for code in old)
    assert door.get(f"{CODES}download/").content.decode().split() == old
    assert "10 codes are left" in words(door.get(OVERVIEW))
    fresh = words(door.post(f"{CODES}new/"))
    assert not any(code in fresh for code in old)


def test_leaving_the_page_of_the_code_allows_another_sign_in(
    door: Door, yuki: User
) -> None:
    give_app(yuki)
    door.sign_in()

    answer = door.post("/admin/login/leave/", next=LOGIN)

    assert arrived(answer) == LOGIN
    assert "Username" in words(answer)


def test_without_the_setting_a_password_is_enough_and_a_factor_is_offered(
    door: Door,
) -> None:
    door.sign_in()

    assert "Second factor" in words(door.get("/admin/"))
    assert "A stolen password alone" in words(door.get(OVERVIEW))


@pytest.mark.usefixtures("is_required")
class TestRequired:
    def test_staff_without_a_factor_set_one_up_and_reach_their_page(
        self, door: Door, yuki: User
    ) -> None:
        answer = door.sign_in(way=f"{STALLED}?state=all")
        assert arrived(answer) == ENROL
        for path in ("/admin/", STALLED, "/admin/jsi18n/"):
            assert arrived(door.get(path)) == ENROL
        answer = door.post(ENROL, code=give_code(yuki, "admin"))
        assert arrived(answer) == OVERVIEW
        assert "Please set up an app or a passkey now" in words(answer)
        for path in ("/admin/", STALLED, "/admin/jsi18n/"):
            assert arrived(door.get(path)) == OVERVIEW
        door.get(f"{STALLED}?state=all")

        set_up_app(door)

        answer = door.get(f"{OVERVIEW}go-on/")
        assert arrived(answer) == STALLED
        assert answer.request["QUERY_STRING"] == "state=all"
        assert door.is_open()

    def test_recovery_codes_alone_are_no_second_factor(
        self, door: Door, yuki: User
    ) -> None:
        give_codes(yuki)

        assert arrived(door.sign_in()) == ENROL
        assert not door.is_open()

    def test_staff_with_a_factor_are_asked_for_it(self, door: Door, yuki: User) -> None:
        give_app(yuki)

        assert arrived(door.sign_in(way=STALLED)) == ASK
        assert not door.is_open()
        assert arrived(door.answer(code_now())) == STALLED

    def test_a_session_older_than_the_factor_must_show_it(
        self, door: Door, yuki: User
    ) -> None:
        door.sign_in()
        give_app(yuki)

        answer = door.get(STALLED)
        assert arrived(answer) == "/admin/login/second-factor/again/"
        assert not door.is_open()

        answer = door.post(arrived(answer), code=code_now(), next=STALLED)
        assert arrived(answer) == STALLED

    def test_after_removing_the_last_factor_another_is_set_up(
        self, door: Door, yuki: User
    ) -> None:
        give_app(yuki)
        door.sign_in()
        door.answer(code_now())
        assert door.is_open()

        assert arrived(door.post(f"{APP}remove/")) == OVERVIEW

        assert not door.is_open()
        assert not Authenticator.objects.filter(user=yuki).exists()


def test_an_hour_later_changing_factors_asks_for_the_password(
    door: Door, yuki: User
) -> None:
    with time_machine.travel("2026-11-22T12:00:00+09:00", tick=False):
        give_app(yuki)
        door.sign_in()
        door.answer(code_now())
    with time_machine.travel("2026-11-22T13:00:00+09:00", tick=False):
        answer = door.get(f"{APP}remove/")
        assert arrived(answer) == "/admin/login/again/"
        wrong = door.post(arrived(answer), password="barley", next=f"{APP}remove/")
        assert "This is not your password" in words(wrong)
        right = door.post(arrived(answer), password="open-sesame", next=f"{APP}remove/")
        assert arrived(right) == f"{APP}remove/"
    assert Authenticator.objects.filter(user=yuki).count() == 1
