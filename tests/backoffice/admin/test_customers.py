"""Staff find a customer's account and see what belongs to it, as far as they may."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkout.contact.models import Enquiry
from checkout.restock.models import RestockRequest
from flows.erasure.models import ErasureRequest
from flows.erasure.services import request as ask_for_deletion
from orders.models import Order, Return
from shop import database_clock
from shop.catalogue.models import Product
from shop.customers.models import Customer, SavedAddress
from tests.backoffice.answers import text_of
from tests.support.accounts import make_customer
from tests.support.shopping import make_order
from tests.support.staff import make_staff

LIST = "/admin/customers/customer/"
EVERYTHING = (
    *("view_customer", "view_order", "view_return", "view_enquiry"),
    *("view_restockrequest", "view_erasurerequest", "view_flow"),
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanako(mug: Product) -> Customer:
    """A customer with two orders, an address, a message and a wish to be told."""
    customer = make_customer()
    kept, cancelled = make_order({"MUG-01": 2}), make_order({"MUG-01": 1})
    Order.objects.update(customer_id=customer.pk)
    Order.objects.filter(pk=cancelled.pk).update(status=Order.Status.CANCELLED)
    SavedAddress.objects.create(
        customer=customer,
        name="港 花子",
        phone="090-1234-5678",
        postcode="106-0031",
        prefecture="tokyo",
        city="港区",
        street="西麻布1-2-3",
        is_first=True,
    )
    Return.objects.create(order=kept, reason=Return.Reason.DAMAGED, by_customer=True)
    Enquiry.objects.create(
        name="Hanako",
        email=customer.email,
        subject="Gift wrapping",
        text="Can you wrap it?",
        language="ja",
    )
    RestockRequest.objects.create(
        variant=mug.variants.get(), email="Hanako@Customer.example", language="ja"
    )
    assert kept.total_minor == 4200
    return customer


def page_of(customer: Customer) -> str:
    return f"{LIST}{customer.pk}/change/"


def seen_by(client: Client, customer: Customer, *permissions: str) -> str:
    client.force_login(make_staff(*permissions))
    answer = client.get(page_of(customer))
    assert answer.status_code == 200
    return text_of(answer)


def test_the_page_shows_the_account_and_all_that_belongs_to_it(
    client: Client, hanako: Customer
) -> None:
    page = seen_by(client, hanako, *EVERYTHING)

    for number in Order.objects.values_list("number", flat=True):
        assert number in page
    assert "¥4,200" in page, "amounts are for whoever may view"
    assert "西麻布1-2-3" in page
    assert "Gift wrapping" in page
    assert "Morning Mug" in page
    assert f"/admin/orders/return/{Return.objects.get().pk}/change/" in page
    assert "Deletion of the account" not in page
    assert "Close the account" not in page


def test_an_address_abroad_is_written_as_its_country_does(
    client: Client, hanako: Customer
) -> None:
    SavedAddress.objects.create(
        customer=hanako,
        name="Hanako Minato",
        phone="+1 212 555 0100",
        country="US",
        postcode="10001",
        region="NY",
        city="New York",
        street="1 Main St",
    )

    page = seen_by(client, hanako, "view_customer")

    assert "〒106-0031" in page
    assert "〒10001" not in page
    assert "UNITED STATES" in page


def test_whoever_may_see_customers_only_sees_no_orders_and_no_messages(
    client: Client, hanako: Customer
) -> None:
    page = seen_by(client, hanako, "view_customer")

    assert "hanako@customer.example" in page
    assert "西麻布1-2-3" in page
    others = ("4,200", "Gift wrapping", "Morning Mug", "It arrived damaged")
    for hidden in (*others, *_numbers()):
        assert hidden not in page


def _numbers() -> list[str]:
    return list(Order.objects.values_list("number", flat=True))


def test_nothing_can_be_added_changed_or_deleted(
    admin_client: Client, hanako: Customer
) -> None:
    before = Customer.objects.values().get()
    changed = {"email": "mallory@example.com", "language": "en"}

    assert admin_client.post(page_of(hanako), changed).status_code == 403
    assert admin_client.get(f"{LIST}add/").status_code == 403
    deleted = admin_client.post(f"{LIST}{hanako.pk}/delete/", {"post": "yes"})

    assert deleted.status_code == 403
    assert Customer.objects.values().get() == before


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("hanako@customer.example", True),
        ("HANAKO@", True),
        ("ｈａｎａｋｏ", True),  # noqa: RUF001 (typed in full width)
        ("港 花子", True),
        ("1234-5678", True),
        ("090-1234-5678", True),
        ("taro", False),
        ("%", False),
    ],
)
def test_a_customer_is_found_by_address_or_by_an_order(
    client: Client, hanako: Customer, typed: str, finds: bool
) -> None:
    client.force_login(make_staff("view_customer"))

    page = text_of(client.get(LIST, {"q": typed}))

    assert (f'href="{page_of(hanako)}' in page) is finds


def test_the_list_takes_the_same_statements_however_long(
    client: Client, hanako: Customer
) -> None:
    client.force_login(make_staff("view_customer"))
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        assert 'class="field-orders">2<' in text_of(client.get(LIST))
    for number in range(5):
        make_customer(f"customer-{number}@customer.example", password="")

    with CaptureQueriesContext(connection) as six:
        client.get(LIST)

    assert len(six) == len(one)


def test_a_closed_account_and_an_asked_deletion_are_said(
    client: Client, hanako: Customer
) -> None:
    hanako.user.is_active = False
    hanako.user.save()
    page = seen_by(client, hanako, *EVERYTHING, "run_erasure")
    start = "/admin/backoffice/flow/start/erasure/?about=hanako%40customer.example"
    assert start in page
    assert 'value="hanako@customer.example"' in text_of(client.get(start))
    ask_for_deletion(hanako)
    now = database_clock.read()
    ErasureRequest.objects.get_or_create(
        customer=hanako.pk, defaults={"email": hanako.email, "erase_at": now}
    )

    client.force_login(make_staff(*EVERYTHING, "change_user", name="mori"))
    page = text_of(client.get(page_of(hanako)))

    assert start not in page
    assert "Staff closed this account" in page
    assert f"/admin/auth/user/{hanako.pk}/change/" in page
    assert "Requested " in page
    assert "/admin/flows/erasurerequest/" in page
    assert "/admin/backoffice/flow/" in page
