"""Codes by mail: for one browser, one use, a few tries, some minutes."""

from datetime import timedelta

import pytest
from django.test import Client

from shop.customers import codes
from shop.customers.errors import CodeOver, CodeRefused
from shop.customers.models import AccountMail, Customer, MailCode
from tests.support.accounts import (
    CODE,
    EMAIL,
    ask_for_code,
    enter,
    is_signed_in,
    last_code,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def digits() -> str:
    return last_code().replace(" ", "")


def test_a_code_works_once() -> None:
    code = codes.send(EMAIL)

    assert codes.use(code.uid, digits()).email == EMAIL
    with pytest.raises(CodeOver):
        codes.use(code.uid, digits())


def test_five_wrong_tries_end_a_code() -> None:
    code = codes.send(EMAIL)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(CodeRefused) as refused:
            codes.use(code.uid, "00000000")
        assert refused.value.left == left

    with pytest.raises(CodeOver):
        codes.use(code.uid, digits())


def test_a_code_ends_after_fifteen_minutes() -> None:
    code = codes.send(EMAIL)
    past = code.__class__.objects.filter(pk=code.pk)
    now = AccountMail.objects.get().created_at
    past.update(expires_at=now - timedelta(seconds=1))

    with pytest.raises(CodeOver):
        codes.use(code.uid, digits())
    assert codes.remove_old() == 1
    assert not MailCode.objects.exists()


def test_only_a_digest_of_a_code_is_kept() -> None:
    code = codes.send(EMAIL)

    row = MailCode.objects.filter(pk=code.pk).values().get()
    assert digits() not in str(row)


def test_a_code_opens_only_the_browser_that_asked_for_it(client: Client) -> None:
    ask_for_code(client)
    other = Client()
    ask_for_code(other, "mallory@customer.example")

    enter(other, last_code(EMAIL))

    assert not is_signed_in(other)
    assert not Customer.objects.exists()


def test_a_cookie_that_was_written_by_hand_leads_to_no_code(client: Client) -> None:
    code = codes.send(EMAIL)
    client.cookies["account_code"] = str(code.uid)

    assert client.get(CODE)["Location"] == "/account/sign-in/"


def test_another_code_replaces_the_first(client: Client) -> None:
    ask_for_code(client)
    first = last_code()
    client.post("/account/code/again/")

    assert MailCode.objects.count() == 1
    if first != last_code():
        assert enter(client, first).status_code == 422
    enter(client, last_code())
    assert is_signed_in(client)


def test_full_width_digits_are_accepted(client: Client) -> None:
    ask_for_code(client)
    wide = str.maketrans("0123456789 ", "０１２３４５６７８９　")  # noqa: RUF001

    enter(client, last_code().translate(wide))

    assert is_signed_in(client)
