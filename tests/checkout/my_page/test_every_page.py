"""Every page of customers and some of staff, for everybody who may ask for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from checkout.my_page import look_up
from orders.models import Order
from shop.catalogue.models import Product
from shop.customers import addresses
from shop.customers.models import Customer
from tests.checkout.my_page.conftest import TARO
from tests.shop.staff.door import Door, code_now, give_app
from tests.support.accounts import sign_in
from tests.support.shopping import RECIPIENT, make_order
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db

# What is answered: a page, the sign-in of customers or of staff, another redirect.
PAGE, ASK, STAFF, ON, NONE, POST = "page", "ask", "staff", "on", "404", "405"
WHO = ("guest", "customer", "other", "staff_without_factor", "staff")

# By name: the answers to GET for each of WHO. Staff are guests on customers' pages.
MINE = (ASK, PAGE, PAGE, ASK, ASK)
OWN = (ASK, PAGE, NONE, ASK, ASK)
ANYBODY = (PAGE, PAGE, PAGE, PAGE, PAGE)
FORM = (POST, POST, POST, POST, POST)
ON_ITS_WAY = (ON, ON, ON, ON, ON)
GET: dict[str, tuple[str, ...]] = {
    "checkout:my_page": MINE,
    "checkout:my_data": MINE,
    "checkout:my_deletion": MINE,
    "checkout:my_addresses": MINE,
    "checkout:my_address_new": MINE,
    "checkout:my_address": OWN,
    "checkout:my_address_remove": FORM,
    "checkout:my_address_first": FORM,
    "checkout:look_up": ANYBODY,
    "checkout:look_up_link": ON_ITS_WAY,
    "checkout:account_from_order": FORM,
    "customers:sign_in": (PAGE, ON, ON, PAGE, PAGE),
    "customers:sign_up": ANYBODY,
    "customers:sign_out": FORM,
    "customers:forgotten": ANYBODY,
    # Without a code that was sent for this browser.
    "customers:code": (ASK, ASK, ASK, ASK, ASK),
    "customers:code_again": FORM,
    "customers:oidc": (NONE, NONE, NONE, NONE, NONE),
    "customers:oidc_callback": (NONE, NONE, NONE, NONE, NONE),
    "customers:passkey": ANYBODY,
    "customers:passkeys": MINE,
    "customers:passkey_remove": FORM,
    "customers:identities": MINE,
    "customers:identity_remove": FORM,
    "customers:password": MINE,
    "customers:email": MINE,
    "admin:index": (STAFF, STAFF, STAFF, STAFF, PAGE),
    "admin:orders_order_changelist": (STAFF, STAFF, STAFF, STAFF, PAGE),
    "mfa_index": (STAFF, STAFF, STAFF, ON, PAGE),
    "account_login": (PAGE, PAGE, PAGE, ON, ON),
}
# The same for POST, where it is not the page again.
SENT: dict[str, tuple[str, ...]] = {
    "checkout:my_address": (ASK, ON, NONE, ASK, ASK),
    "checkout:my_address_first": (ASK, ON, NONE, ASK, ASK),
    "checkout:my_address_remove": (ASK, ON, NONE, ASK, ASK),
    "checkout:my_deletion": MINE,
    "customers:passkey_remove": (ASK, ON, ON, ASK, ASK),
    "customers:identity_remove": (ASK, ON, ON, ASK, ASK),
    "customers:password": MINE,
    "customers:email": (ASK, ON, ON, ASK, ASK),
    "customers:passkey": (ASK, ASK, ASK, ASK, ASK),
}


@pytest.fixture
def addressed(hanako: Customer, mug: Product) -> dict[str, list[Any]]:
    """Return what is in the addresses of Hanako's pages."""
    address = addresses.add(hanako, RECIPIENT)
    order = make_order({"MUG-01": 1})
    Order.objects.update(customer_id=hanako.pk)
    assert address
    token = signing.dumps(str(order.uid), salt=look_up._SALT)
    return {
        "checkout:my_address": [address.pk],
        "checkout:my_address_remove": [address.pk],
        "checkout:my_address_first": [address.pk],
        "checkout:look_up_link": [token],
        "checkout:account_from_order": [order.uid],
        "customers:passkey_remove": [1],
        "customers:identity_remove": [1],
    }


@pytest.fixture
def browsers(hanako: Customer, taro: Customer, settings: Settings) -> dict[str, Client]:
    settings.STAFF_SECOND_FACTOR = "required"
    found = {who: Client() for who in WHO}
    sign_in(found["customer"])
    sign_in(found["other"], TARO)
    found["staff_without_factor"].force_login(make_staff("view_order"))
    enter_with_factor(Door(found["staff"]))
    return found


def enter_with_factor(door: Door) -> None:
    give_app(make_staff("view_order", name="aya"))
    door.sign_in("aya")
    door.answer(code_now())
    assert door.is_open()


def answer_of(response: Any) -> str:
    """Return which of the answers this is."""
    status = response.status_code
    if status in (404, 405):
        return str(status)
    if status in (302, 303):
        to = str(response["Location"])
        if to.startswith("/account/sign-in/"):
            return ASK
        return STAFF if to.startswith("/admin/login/?") else ON
    assert status in (200, 422), status
    return PAGE


@pytest.mark.parametrize("who", WHO)
def test_everybody_gets_the_answer_of_the_table(
    who: str, browsers: dict[str, Client], addressed: dict[str, list[Any]]
) -> None:
    seen = {
        name: answer_of(browsers[who].get(address(name, addressed))) for name in GET
    }

    assert seen == {name: answers[WHO.index(who)] for name, answers in GET.items()}


@pytest.mark.parametrize("who", WHO)
def test_everybody_gets_the_answer_of_the_table_to_what_is_sent(
    who: str, browsers: dict[str, Client], addressed: dict[str, list[Any]]
) -> None:
    seen = {
        name: answer_of(browsers[who].post(address(name, addressed), RECIPIENT))
        for name in SENT
    }

    assert seen == {name: answers[WHO.index(who)] for name, answers in SENT.items()}


def test_the_table_names_every_page_of_customers() -> None:
    pages = {name for name, path in named(get_resolver()) if path[:8] == "account/"}
    listed = {name for name in GET if name.startswith(("checkout:", "customers:"))}

    assert pages == listed


def address(name: str, addressed: dict[str, list[Any]]) -> str:
    return reverse(name, args=addressed.get(name, []))


def named(
    resolver: URLResolver, space: str = "", path: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield name and path of every address."""
    for each in resolver.url_patterns:
        here = path + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{each.namespace}:" if each.namespace else space
            yield from named(each, inner, here)
        elif each.name:
            yield f"{space}{each.name}", here
