"""Only members of staff can sign in, with name and password."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.shop.staff.door import LOGIN, STALLED, Door, arrived, words

WRONG = "do not belong together"


def test_name_and_password_open_the_staffs_pages(door: Door) -> None:
    answer = door.sign_in()

    assert arrived(answer) == "/admin/"
    assert door.is_open()


def test_a_deep_link_opened_signed_out_is_reached_after_signing_in(door: Door) -> None:
    wanted = f"{STALLED}?state=all"
    shown = door.get(wanted)
    assert arrived(shown) == LOGIN
    assert f'name="next" value="{wanted}"' in shown.content.decode()

    answer = door.sign_in(way=wanted)

    assert (arrived(answer), answer.request["QUERY_STRING"]) == (STALLED, "state=all")


def test_the_sign_in_never_redirects_to_another_site(door: Door) -> None:
    answer = door.sign_in(way="https://evil.example/admin/")

    assert arrived(answer) == "/admin/"


@pytest.mark.parametrize(
    ("name", "password"), [("yuki", "open-barley"), ("nobody", "open-sesame"), ("", "")]
)
def test_a_wrong_name_or_password_does_not_sign_in(
    door: Door, name: str, password: str
) -> None:
    answer = door.sign_in(name, password)

    assert arrived(answer) == LOGIN
    assert (WRONG in words(answer)) is bool(name)
    assert not door.is_open()


@pytest.mark.parametrize("change", [{"is_staff": False}, {"is_active": False}])
def test_former_staff_get_the_same_answer_as_strangers(
    door: Door, yuki: User, change: dict[str, bool]
) -> None:
    stranger = words(door.sign_in("nobody"))
    for name, value in change.items():
        setattr(yuki, name, value)
    yuki.save()

    assert words(door.sign_in()) == stranger
    assert not door.is_open()


def test_former_staff_who_are_signed_in_are_signed_out(door: Door, yuki: User) -> None:
    door.sign_in()
    yuki.is_staff = False
    yuki.save()

    answer = door.get("/admin/")

    assert arrived(answer) == LOGIN
    assert "You were signed out" in words(answer)


@pytest.mark.parametrize(
    "path", ["signup/", "password/reset/", "email/", "login/code/", "inactive/"]
)
def test_other_pages_of_accounts_do_not_exist(door: Door, path: str) -> None:
    door.sign_in()

    for place in ("/admin/", "/accounts/", "/"):
        assert door.get(place + path).status_code == 404


def test_the_sign_in_speaks_japanese(door: Door) -> None:
    answer = door.client.get(LOGIN, headers={"Accept-Language": "ja"})

    assert "スタッフ用ページにサインイン" in words(answer)


def test_the_secrets_of_factors_are_on_no_page(admin_client: Client) -> None:
    for path in ("/admin/mfa/authenticator/", "/admin/account/emailaddress/"):
        assert admin_client.get(path).status_code == 404
