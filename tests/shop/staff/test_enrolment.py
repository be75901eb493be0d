"""The first second factor needs an administrator's code, not only the password."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from shop.staff.enrolment import give_code
from tests.conftest import Clock
from tests.shop.staff.door import ENROL, OVERVIEW, Door, arrived, give_app, words
from tests.shop.staff.test_second_factor import APP, set_up_app
from tests.support.commands import call, call_json, refused
from tests.support.staff import make_staff

pytestmark = [pytest.mark.usefixtures("is_required"), pytest.mark.both_databases]


@pytest.mark.parametrize("path", [OVERVIEW, APP, f"{OVERVIEW}passkeys/add/"])
def test_the_password_alone_sets_up_nothing(door: Door, yuki: User, path: str) -> None:
    assert arrived(door.sign_in()) == ENROL
    assert arrived(door.get(path)) == ENROL
    assert arrived(door.post(path, code="000000", credential="{}")) == ENROL
    assert not Authenticator.objects.exists()


def test_with_the_code_the_first_factor_is_set_up(door: Door, yuki: User) -> None:
    code = give_code(yuki, "admin")
    door.sign_in()

    answer = door.post(ENROL, code=code.lower().replace("-", " "))

    assert arrived(answer) == OVERVIEW
    set_up_app(door)
    assert door.is_open()


def test_a_code_works_once_for_one_person_and_72_hours(
    door: Door, yuki: User, clock: Clock
) -> None:
    code = give_code(yuki, "admin")
    miru = Door(Client())
    make_staff(name="miru")
    miru.sign_in("miru")
    assert "This code is wrong" in words(miru.post(ENROL, code=code))

    door.sign_in()
    assert arrived(door.post(ENROL, code=code)) == OVERVIEW
    again = Door(Client())
    again.sign_in()
    assert "This code is wrong" in words(again.post(ENROL, code=code))

    late = give_code(yuki, "admin")
    clock.shift(timedelta(hours=73))
    other = Door(Client())
    other.sign_in()
    assert "This code is wrong" in words(other.post(ENROL, code=late))


def test_a_new_code_ends_the_one_before(door: Door, yuki: User) -> None:
    first, _second = give_code(yuki, "admin"), give_code(yuki, "admin")
    door.sign_in()

    assert "This code is wrong" in words(door.post(ENROL, code=first))


def test_codes_cannot_be_guessed_at_will(door: Door) -> None:
    door.sign_in()
    for _time in range(5):
        door.post(ENROL, code="AAAA-AAAA-AAAA-AAAA")

    assert "Please wait" in words(door.post(ENROL, code="AAAA-AAAA-AAAA-AAAA"))


def test_a_session_older_than_the_factor_adds_no_other_factor(
    door: Door, yuki: User, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    door.sign_in()
    give_app(yuki)
    settings.STAFF_SECOND_FACTOR = "required"

    assert arrived(door.get(APP)) == "/admin/login/second-factor/again/"


def test_an_administrator_gives_the_code_in_the_admin(
    admin_client: Client, door: Door, yuki: User, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    address = f"/admin/auth/user/{yuki.pk}/enrolment-code/"
    page = admin_client.get(f"/admin/auth/user/{yuki.pk}/change/")
    assert address in page.content.decode()
    assert "<code>" not in admin_client.get(address).content.decode()

    shown = words(admin_client.post(address))
    code = shown.partition("It is not shown again: ")[2].split()[0]

    settings.STAFF_SECOND_FACTOR = "required"
    door.sign_in()
    assert arrived(door.post(ENROL, code=code)) == OVERVIEW


def test_only_administrators_give_codes(
    door: Door, yuki: User, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = "optional"
    door.sign_in()

    answer = door.client.post(f"/admin/auth/user/{yuki.pk}/enrolment-code/")

    assert answer.status_code == 403


def test_the_command_gives_the_first_administrator_a_code(
    door: Door, yuki: User
) -> None:
    said = call("staff_enrol", "yuki")
    assert "valid once within 72 hours" in said
    assert call_json("staff_enrol", "yuki")["name"] == "yuki"
    code = call_json("staff_enrol", "yuki")["code"]
    door.sign_in()

    assert arrived(door.post(ENROL, code=code)) == OVERVIEW


def test_the_command_refuses_who_needs_no_code(yuki: User) -> None:
    give_app(yuki)

    assert refused("staff_enrol", "yuki")[0] == 2
    assert refused("staff_enrol", "nobody")[0] == 2
