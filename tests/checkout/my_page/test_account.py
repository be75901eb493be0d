"""The address book, the mail address, and the deletion of an account."""

import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.cart.models import Cart, TemporaryOrder
from checkout.cart.pricing import quote
from checkout.placement.services import place_order
from checkout.restock.models import RestockRequest
from orders.models import Order
from shop.catalogue.models import Product
from shop.customers import addresses
from shop.customers.models import AccountMail, Customer, MailCode, SavedAddress
from shop.customers.sessions import SIGNED_IN
from tests.checkout.my_page.conftest import TARO
from tests.support.accounts import EMAIL, SIGN_IN, enter, is_signed_in, last_code, words
from tests.support.shopping import (
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    make_cart,
)

pytestmark = pytest.mark.django_db

BOOK = "/account/addresses/"
DELETE = "/account/delete/"
NEW = "hanako@new.example"


def test_the_address_of_the_first_order_is_kept_and_filled_in(
    customer: Client, mug: Product
) -> None:
    fill_and_inform(customer, {"MUG-01": 1}, email=EMAIL)
    assert SavedAddress.objects.get().is_first
    Cart.objects.all().delete()
    fill(customer, {"MUG-01": 1})

    page = customer.get(INFORMATION).content.decode()

    assert f'value="{EMAIL}"' in page
    assert f'value="{RECIPIENT["street"]}"' in page
    assert '<option value="tokyo" selected>' in page


def test_another_address_can_be_chosen_but_no_other_customers(
    customer: Client, hanako: Customer, taro: Customer, mug: Product
) -> None:
    addresses.add(hanako, RECIPIENT)
    second = addresses.add(hanako, RECIPIENT | {"street": "青山4-5-6"})
    foreign = addresses.add(taro, RECIPIENT | {"street": "秘密9-9-9"})
    assert second
    assert foreign
    fill(customer, {"MUG-01": 1})

    chosen = customer.get(f"{INFORMATION}?address={second.pk}").content.decode()
    stolen = customer.get(f"{INFORMATION}?address={foreign.pk}").content.decode()

    assert 'value="青山4-5-6"' in chosen
    assert "秘密" not in stolen
    assert f'value="{RECIPIENT["street"]}"' in stolen


def test_the_address_book(customer: Client) -> None:
    customer.post(f"{BOOK}new/", RECIPIENT)
    customer.post(f"{BOOK}new/", RECIPIENT | {"name": "港 太郎"})
    first, second = SavedAddress.objects.order_by("pk")
    assert (first.is_first, second.is_first) == (True, False)

    customer.post(f"{BOOK}{second.pk}/first/")
    customer.post(f"{BOOK}{second.pk}/", RECIPIENT | {"name": "港 次郎"})
    customer.post(f"{BOOK}{first.pk}/remove/")

    left = SavedAddress.objects.get()
    assert (left.name, left.is_first) == ("港 次郎", True)
    assert "港 次郎" in words(customer.get(BOOK))


def test_a_wrong_address_is_kept_on_the_page(customer: Client) -> None:
    answer = customer.post(f"{BOOK}new/", RECIPIENT | {"postcode": "1"})

    assert answer.status_code == 422
    assert 'value="西麻布1-2-3"' in answer.content.decode()
    assert not SavedAddress.objects.exists()


@pytest.mark.parametrize("tail", ["", "remove/", "first/"])
def test_nobody_touches_the_address_of_another(
    customer: Client, taro: Customer, tail: str
) -> None:
    his = addresses.add(taro, RECIPIENT)
    assert his

    answer = customer.post(f"{BOOK}{his.pk}/{tail}", RECIPIENT | {"name": "x"})

    assert answer.status_code == 404
    assert SavedAddress.objects.get().name == RECIPIENT["name"]


def test_a_new_mail_address_counts_when_its_code_is_entered(
    customer: Client, hanako: Customer, mug: Product
) -> None:
    customer.post("/account/email/", {"email": NEW})
    hanako.refresh_from_db()
    assert hanako.email == EMAIL

    enter(customer, last_code(NEW))

    hanako.refresh_from_db()
    assert hanako.email == NEW
    assert AccountMail.objects.get(kind="email_changed").to == EMAIL


def test_a_taken_mail_address_is_told_only_to_who_reads_it(
    customer: Client, hanako: Customer, taro: Customer
) -> None:
    answer = customer.post("/account/email/", {"email": TARO})
    assert answer["Location"] == "/account/code/"

    page = customer.post("/account/code/", {"code": last_code(TARO)}, follow=True)

    assert "Another account has this email address" in words(page)
    hanako.refresh_from_db()
    assert hanako.email == EMAIL


def test_a_code_for_a_new_address_is_of_no_use_to_another_account(
    customer: Client, hanako: Customer, taro: Customer
) -> None:
    customer.post("/account/email/", {"email": NEW})
    customer.post(SIGN_IN, {"email": TARO, "password": "tangerine-harbour-7"})

    enter(customer, last_code(NEW))

    assert set(Customer.objects.values_list("email", flat=True)) == {EMAIL, TARO}


@pytest.mark.parametrize(
    "page", [DELETE, "/account/email/", "/account/password/", "/account/data/"]
)
def test_what_matters_needs_a_fresh_sign_in(customer: Client, page: str) -> None:
    session = customer.session
    session[SIGNED_IN] = time.time() - 16 * 60
    session.save()

    asked = customer.get(page)

    assert asked["Location"].startswith(SIGN_IN)
    assert "sign in again" in words(customer.get(asked["Location"]))
    fields = {"email": EMAIL, "password": "tangerine-harbour-7", "next": page}
    assert customer.post(SIGN_IN, fields)["Location"] == page
    assert customer.get(page).status_code == 200


def test_a_deleted_account_leaves_the_books_whole(
    customer: Client, hanako: Customer, mug: Product, settings: Settings
) -> None:
    settings.ERASURE_DAYS = 0
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    Cart.objects.update(customer_id=hanako.pk)
    order = place_order(
        cart, quote(cart), token="ctoken_1", language="en", customer=hanako
    )
    Cart.objects.update(state=Cart.State.CLOSED)
    addresses.add(hanako, RECIPIENT)
    fill(customer, {"MUG-01": 1})
    variant = mug.variants.get(sku="MUG-01")
    RestockRequest.objects.create(variant=variant, email=EMAIL.upper(), language="en")

    assert customer.post(DELETE, {"understood": ""}).status_code == 422
    assert Customer.objects.exists()
    assert customer.post(DELETE, {"understood": "on"})["Location"] == "/"

    kept = Order.objects.get()
    assert (kept.number, kept.email, kept.customer_id) == (order.number, EMAIL, None)
    assert kept.lines.count() == 1
    kinds = (Customer, User, SavedAddress, TemporaryOrder, MailCode, RestockRequest)
    for erased in kinds:
        assert not erased.objects.exists()
    assert not Cart.objects.filter(customer_id__isnull=False).exists()
    assert not Cart.objects.filter(state=Cart.State.OPEN).exists()
    assert [mail.kind for mail in AccountMail.objects.all()] == ["deleted"]
    assert not is_signed_in(customer)
    assert customer.get(f"/orders/{order.uid}/").status_code == 200
