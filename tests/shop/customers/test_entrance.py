"""Signing up and in, by password and by code, and signing out."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.customers.models import AccountMail, Customer, MailCode
from tests.support.accounts import (
    CODE,
    EMAIL,
    FORGOTTEN,
    HOME,
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    SIGN_UP,
    WRONG,
    ask_for_code,
    enter,
    is_signed_in,
    last_code,
    make_customer,
    sign_in,
    words,
)

pytestmark = pytest.mark.django_db

NOBODY = "nobody@customer.example"


def test_an_account_is_made_when_the_code_is_entered(client: Client) -> None:
    client.post(SIGN_UP, {"email": "Hanako@Customer.Example", "password": PASSWORD})
    assert not Customer.objects.exists()

    answer = enter(client, last_code())

    assert answer["Location"] == HOME
    assert Customer.objects.get().email == EMAIL
    assert is_signed_in(client)
    assert sign_in(Client())["Location"] == HOME


def test_an_account_needs_no_password(client: Client) -> None:
    client.post(SIGN_UP, {"email": EMAIL, "password": ""})
    enter(client, last_code())

    assert is_signed_in(client)
    assert not Customer.objects.get().user.has_usable_password()
    assert sign_in(Client(), password="").status_code == 422


def test_a_code_signs_in_and_makes_the_account_if_there_is_none(
    client: Client,
) -> None:
    ask_for_code(client)
    enter(client, last_code())

    assert is_signed_in(client)
    other = Client()
    ask_for_code(other)
    enter(other, last_code())
    assert is_signed_in(other)
    assert Customer.objects.count() == 1


def test_signing_up_again_changes_no_password(client: Client, hanako: Customer) -> None:
    client.post(SIGN_UP, {"email": EMAIL, "password": "another-word-11"})
    answer = client.post(CODE, {"code": last_code()}, follow=True)

    assert "You already have an account" in words(answer)
    assert sign_in(Client(), password="another-word-11").status_code == 422
    assert sign_in(Client())["Location"] == HOME


def test_a_forgotten_password_is_set_again_and_ends_other_sessions(
    client: Client, hanako: Customer
) -> None:
    other = Client()
    sign_in(other)
    client.post(FORGOTTEN, {"email": EMAIL})
    answer = enter(client, last_code())
    assert answer["Location"] == "/account/password/"

    client.post("/account/password/", {"password": "a-new-one-2026"})

    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert sign_in(Client()).status_code == 422
    assert AccountMail.objects.filter(kind="password_changed", to=EMAIL).count() == 1


@pytest.mark.parametrize("password", ["short", "password", "1234567890123"])
def test_a_password_that_is_guessed_first_is_refused(
    client: Client, password: str
) -> None:
    answer = client.post(SIGN_UP, {"email": EMAIL, "password": password})

    assert answer.status_code == 422
    assert not MailCode.objects.exists()


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        (SIGN_IN, {"by_code": "1"}),
        (SIGN_UP, {"password": PASSWORD}),
        (SIGN_UP, {}),
        (FORGOTTEN, {}),
    ],
)
def test_the_answer_does_not_tell_whether_there_is_an_account(
    page: str, fields: dict[str, str], hanako: Customer
) -> None:
    """The same redirect, page, statements and mail, for both."""
    seen = []
    for email in (EMAIL, NOBODY):
        client = Client()
        answer = client.post(page, fields | {"email": email})
        shown = client.get(answer["Location"])
        mail = AccountMail.objects.latest("pk")
        assert mail.to == email
        seen.append((answer.status_code, answer["Location"], words(shown), mail.kind))

    assert seen[0] == seen[1]


def test_the_work_does_not_tell_whether_there_is_an_account(hanako: Customer) -> None:
    done = []
    for email, address in ((EMAIL, "192.0.2.1"), (NOBODY, "192.0.2.2")):
        with CaptureQueriesContext(connection) as asked:
            ask_for_code(Client(REMOTE_ADDR=address), email)
        done.append([each["sql"].split()[0] for each in asked])

    assert done[0] == done[1]


def test_a_wrong_password_and_an_unknown_address_have_the_same_words(
    hanako: Customer,
) -> None:
    wrong = sign_in(Client(), password="not-this-one")
    unknown = sign_in(Client(), email=NOBODY)

    assert wrong.status_code == unknown.status_code == 422
    assert words(wrong).replace(EMAIL, "") == words(unknown).replace(NOBODY, "")


def test_an_unknown_address_costs_a_hash_as_well(
    hanako: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def count(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    for email in (EMAIL, NOBODY):
        sign_in(Client(), email, "not-this-one")

    assert hashed == ["not-this-one", "not-this-one"]


def test_the_key_of_the_session_changes_at_every_sign_in(
    client: Client, hanako: Customer
) -> None:
    client.get("/account/sign-in/")
    keys = set()
    for _time in range(3):
        sign_in(client)
        keys.add(client.session.session_key)

    assert len(keys) == 3


def test_signing_out_needs_a_form(client: Client, hanako: Customer) -> None:
    sign_in(client)
    assert client.get(SIGN_OUT).status_code == 405
    assert is_signed_in(client)

    client.post(SIGN_OUT)

    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "way",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "/account/sign-in/",
    ],
)
def test_nobody_is_led_away_after_the_sign_in(
    client: Client, hanako: Customer, way: str
) -> None:
    fields = {"email": EMAIL, "password": PASSWORD, "next": way}

    assert client.post(SIGN_IN, fields)["Location"] == HOME


def test_the_wanted_page_comes_after_the_sign_in(
    client: Client, hanako: Customer
) -> None:
    asked = client.get("/account/addresses/")
    assert asked["Location"] == "/account/sign-in/?next=%2Faccount%2Faddresses%2F"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/account/addresses/"' in page

    fields = {"email": EMAIL, "password": PASSWORD, "next": "/account/addresses/"}
    assert client.post(SIGN_IN, fields)["Location"] == "/account/addresses/"


def test_an_account_that_staff_closed_opens_no_more(
    client: Client, hanako: Customer
) -> None:
    sign_in(client)
    User.objects.filter(pk=hanako.pk).update(is_active=False)

    assert not is_signed_in(client)
    assert sign_in(Client()).status_code == 422
    other = Client()
    ask_for_code(other)
    assert "closed" in words(other.post(CODE, {"code": last_code()}, follow=True))
    assert not is_signed_in(other)


def test_a_wrong_code_opens_nothing(client: Client) -> None:
    ask_for_code(client)

    assert enter(client, WRONG).status_code == 422
    assert not is_signed_in(client)
    assert not Customer.objects.exists()


def test_two_accounts_in_one_browser_follow_each_other(
    client: Client, hanako: Customer
) -> None:
    make_customer("taro@customer.example")
    sign_in(client)
    sign_in(client, "taro@customer.example")

    page = words(client.get(HOME))
    assert "taro@customer.example" in page
    assert EMAIL not in page
