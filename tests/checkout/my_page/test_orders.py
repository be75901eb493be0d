"""Orders belong to the account: at placement, or when the mail address is proven."""

import json
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkout.cart.pricing import quote
from checkout.my_page.selectors import Standing, standing_of
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.services import place_order
from orders import transitions
from orders.models import Order
from shop.catalogue.models import Product
from shop.customers import registration
from shop.customers.models import Customer, MailCode
from tests.support import orders
from tests.support.accounts import (
    CODE,
    EMAIL,
    HOME,
    ask_for_code,
    enter,
    last_code,
    sign_in,
    words,
)
from tests.support.shopping import (
    CONFIRMATION,
    RECIPIENT,
    complete,
    fill_and_inform,
    make_cart,
    make_order,
    purchase_form,
    wait_for_card,
)

pytestmark = pytest.mark.django_db


def place(customer: Customer | None) -> Order:
    cart = make_cart({"MUG-01": 1}, RECIPIENT)
    return place_order(
        cart, quote(cart), token="ctoken_1", language="en", customer=customer
    )


def test_an_order_belongs_to_who_is_signed_in(
    customer: Client, hanako: Customer, mug: Product, gateway: FakeGateway
) -> None:
    fill_and_inform(customer, {"MUG-01": 2}, email="gift@elsewhere.example")
    customer.post(CONFIRMATION, purchase_form(customer))

    order = Order.objects.get()
    assert order.customer_id == hanako.pk
    page = customer.get(HOME)
    assert order.number in words(page)
    assert f"/orders/{order.uid}/" in page.content.decode()


def test_a_customer_costs_an_order_one_statement(
    hanako: Customer, mug: Product
) -> None:
    place(None)  # what is read once in a process
    counts = []
    for customer in (None, hanako):
        with CaptureQueriesContext(connection) as asked:
            place(customer)
        counts.append(len(asked))

    assert counts[1] - counts[0] == 1


def test_an_order_of_an_account_that_is_gone_is_a_guests(
    hanako: Customer, mug: Product
) -> None:
    gone = Customer(user=hanako.user, email=hanako.email)
    registration.delete(hanako)
    gone.pk = gone.user_id or 4711

    assert place(gone).customer_id is None


def test_a_guests_orders_join_when_the_address_is_proven(
    client: Client, mug: Product
) -> None:
    mine = make_order({"MUG-01": 1})
    Order.objects.filter(pk=mine.pk).update(email="HANAKO@customer.example")
    others = make_order({"MUG-01": 1})
    Order.objects.filter(pk=others.pk).update(email="taro@customer.example")
    ask_for_code(client)
    assert not Order.objects.filter(customer_id__isnull=False).exists()

    enter(client, last_code())

    page = words(client.get(HOME))
    assert mine.number in page
    assert others.number not in page


def test_orders_of_another_account_stay_there(
    client: Client, hanako: Customer, taro: Customer, mug: Product
) -> None:
    order = place(taro)
    assert order.email == EMAIL

    sign_in(client)

    assert Order.objects.get().customer_id == taro.pk
    assert order.number not in words(client.get(HOME))


def test_an_account_from_an_order_in_one_step(client: Client, mug: Product) -> None:
    order = make_order({"MUG-01": 1})
    page = client.get(f"/orders/{order.uid}/").content.decode()
    assert f"/account/from-order/{order.uid}/" in page

    client.post(f"/account/from-order/{order.uid}/")
    shown = client.get(CODE)
    answer = enter(client, last_code())

    assert EMAIL not in shown.content.decode()
    assert answer["Location"] == f"/orders/{order.uid}/"
    order.refresh_from_db()
    assert order.customer_id == Customer.objects.get().pk
    assert "/account/from-order/" not in client.get(answer["Location"]).content.decode()


def test_an_account_from_an_unknown_order_is_not_found(client: Client) -> None:
    answer = client.post(f"/account/from-order/{uuid.uuid4()}/")

    assert answer.status_code == 404
    assert not MailCode.objects.exists()


def test_how_an_order_stands(mug: Product) -> None:
    order = make_order({"MUG-01": 1})
    seen: list[Standing] = [standing_of(order)]
    wait_for_card(order)
    seen.append(standing_of(order))
    complete(order)
    order = Order.objects.get()
    seen.append(standing_of(order))

    assert seen == ["processing", "needs_you", "preparing"]


def test_a_cancelled_order_says_so(mug: Product) -> None:
    order = make_order({"MUG-01": 1})
    transitions.cancel(order, Order.CancelReason.NOT_PAID)

    assert standing_of(Order.objects.get()) == "cancelled"


def test_ten_orders_are_on_a_page_and_cost_few_queries(
    customer: Client, hanako: Customer, mug: Product
) -> None:
    for _each in range(12):
        orders.make_order()
    Order.objects.update(customer_id=hanako.pk, status=Order.Status.CANCELLED)

    with CaptureQueriesContext(connection) as asked:
        page = customer.get(HOME)

    assert page.content.decode().count('class="card my-order"') == 10
    assert len(asked) <= 10
    last = customer.get(f"{HOME}?page=2").content.decode()
    assert last.count('class="card my-order"') == 2
    assert customer.get(f"{HOME}?page=x").status_code == 200


def test_the_export_has_what_the_account_has(
    customer: Client, hanako: Customer, mug: Product
) -> None:
    place(hanako)
    make_order({"MUG-01": 2})
    customer.post("/account/addresses/new/", RECIPIENT)

    answer = customer.get("/account/data/")

    assert "attachment" in answer["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["account"]["email"] == EMAIL
    assert [order["number"] for order in data["orders"]] == [
        Order.objects.get(customer_id=hanako.pk).number
    ]
    assert data["orders"][0]["items"][0]["sku"] == "MUG-01"
    assert data["addresses"][0]["city"] == RECIPIENT["city"]
