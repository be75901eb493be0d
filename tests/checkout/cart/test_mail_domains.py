"""A mail domain that looks mistyped is asked about, and never refused."""

import pytest
from django.test import Client

from checkout.cart.mail_domains import suggest_address
from checkout.cart.models import TemporaryOrder
from shop.catalogue.models import Product
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    text_of,
)

EMAIL = "/checkout/information/email/"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("Gnail.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co.jp", "gmail.com"),
        ("yaho.co.jp", "yahoo.co.jp"),
        ("yahoo.ne.jp", "yahoo.co.jp"),
        ("docomo.co.jp", "docomo.ne.jp"),
        ("ezweb.en.jp", "ezweb.ne.jp"),
        ("iclould.com", "icloud.com"),
    ],
)
def test_a_slip_is_noticed(typed: str, meant: str) -> None:
    assert suggest_address(f"hana.ko@{typed}") == f"hana.ko@{meant}"


@pytest.mark.parametrize(
    "address",
    [
        *("a@gmail.com", "a@mail.com", "a@ymail.com", "a@example.jp", "a@yahoo.co.uk"),
        *("a@au.com", "a@me.com", "a@minato-tv.example", "@gmial.com", "gmial.com", ""),
    ],
)
def test_what_may_be_right_is_left_alone(address: str) -> None:
    assert suggest_address(address) == ""


def test_the_information_page_takes_it_with_one_press(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    typed = RECIPIENT | {"email": "hana@gmial.com"}

    page = text_of(client.post(INFORMATION, typed | {"act": "check"}))
    assert "Did you mean hana@gmail.com?" in page
    assert 'name="use_email" value="hana@gmail.com"' in page
    page = text_of(client.post(INFORMATION, typed | {"use_email": "hana@gmail.com"}))

    assert 'value="hana@gmail.com"' in page
    assert "Did you mean" not in page
    assert 'value="西麻布1-2-3"' in page


def test_it_is_no_refusal_and_the_confirmation_takes_it_as_well(
    client: Client, mug: Product
) -> None:
    cart = fill_and_inform(client, {"MUG-01": 1}, email="hana@gmial.com")
    assert "Did you mean hana@gmail.com?" in text_of(client.get(CONFIRMATION))

    answer = client.post(EMAIL, {"email": "hana@gmail.com"})

    assert (answer.status_code, answer["Location"]) == (303, CONFIRMATION)
    assert TemporaryOrder.objects.get(cart=cart).email == "hana@gmail.com"
    assert "Did you mean" not in text_of(client.get(CONFIRMATION))


def test_an_address_that_is_none_changes_nothing(client: Client, mug: Product) -> None:
    cart = fill_and_inform(client, {"MUG-01": 1}, email="hana@gmial.com")
    client.post(EMAIL, {"email": "hana@"})
    assert TemporaryOrder.objects.get(cart=cart).email == "hana@gmial.com"


def test_without_details_there_is_no_address_to_correct(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    client.post(EMAIL, {"email": "hana@gmail.com"})
    assert not TemporaryOrder.objects.exists()


@pytest.mark.both_databases
@pytest.mark.parametrize("address", ["ha..na@docomo.ne.jp", "hana.@ezweb.ne.jp"])
def test_an_old_carrier_s_address_is_accepted_and_kept_from_the_provider(
    client: Client, mug: Product, settings: object, address: str
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]  # type: ignore[attr-defined]
    cart = fill_and_inform(client, {"MUG-01": 1}, email=address)

    assert TemporaryOrder.objects.get(cart=cart).email == address
    page = text_of(client.get(CONFIRMATION))
    assert 'data-email=""' in page
    assert "the payment provider does not take yours" in page
