"""``manage.py staff_factors``: list second factors, or remove those of a user."""

import logging

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User

from tests.shop.staff.door import ENROL, Door, arrived, give_app, give_codes
from tests.support.commands import call, call_json, refused


@pytest.fixture
def phone(yuki: User) -> None:
    give_app(yuki)
    give_codes(yuki)


def test_it_lists_the_factors_of_all_staff(phone: None, admin_user: User) -> None:
    assert call("staff_factors").splitlines() == [
        "admin: no second factor",
        "yuki: recovery_codes, totp",
    ]
    assert call_json("staff_factors")[1] == {
        "name": "yuki",
        "factors": ["recovery_codes", "totp"],
    }


@pytest.mark.usefixtures("is_required")
def test_after_removal_the_user_has_to_set_up_a_new_factor(
    door: Door, phone: None, yuki: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="shop.staff"):
        call("staff_factors", "--forget", "yuki", "--reason", "lost the phone")

    assert f"removed the second factors of user {yuki.pk} " in caplog.text
    assert "(recovery_codes, totp): lost the phone" in caplog.text
    assert arrived(door.sign_in()) == ENROL


@pytest.mark.parametrize(
    ("name", "reason", "fix"),
    [("nobody", "why not", "lists all"), ("yuki", " ", "--reason")],
)
def test_an_unknown_name_or_a_missing_reason_removes_nothing(
    phone: None, name: str, reason: str, fix: str
) -> None:
    code, said, _out = refused("staff_factors", forget=name, reason=reason)

    assert code == 2
    assert fix in said
    assert Authenticator.objects.count() == 2
