"""In a rush, whoever comes too late reads it before an order is made."""

import pytest
from django.test import Client

from checkout.cart.pricing import quote
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.errors import SoldOut
from checkout.placement.services import place_order
from orders.models import Order
from saga.engine import run
from saga.models import Saga
from shop.catalogue.models import Product
from tests.support.orders import VISA, make_cart
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    fill_and_inform,
    make_order,
    purchase_form,
    text_of,
)
from tests.support.threads import exceptions_in, run_together


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_buyers_of_ten_mugs_ten_get_an_order_and_ten_read_sold_out(
    gateway: FakeGateway,
) -> None:
    offers = [make_cart({"MUG-01": 1}, free=10) for _buyer in range(20)]
    seen = [(cart, quote(cart)) for cart in offers]

    answers = run_together(
        seen, lambda each: place_order(*each, token=VISA, language="en")
    )

    refused = exceptions_in(answers)
    assert len(refused) == 10
    assert {type(error) for error in refused} == {SoldOut}
    for saga in Saga.objects.main_paths():
        run(saga.pk)
    statuses = Order.objects.values_list("status", flat=True)
    assert list(statuses) == [Order.Status.CONFIRMED] * 10


@pytest.mark.django_db
def test_the_page_says_what_sold_out_and_keeps_the_cart(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 5})
    form = purchase_form(client)
    make_order({"MUG-01": 6})

    answer = client.post(CONFIRMATION, form, follow=True)

    assert "Sold out: other customers ordered the last ones" in text_of(answer)
    assert Order.objects.count() == 1
    assert 'class="line' in client.get(CART).content.decode()


@pytest.mark.django_db
def test_an_order_whose_goods_are_held_is_not_counted_twice(
    gateway: FakeGateway, mug: Product
) -> None:
    make_order({"MUG-01": 4})
    run(Saga.objects.main_paths().get().pk, "checkout.reserve_stock")

    cart = make_cart({"MUG-01": 6})

    assert place_order(cart, quote(cart), token=VISA, language="en").pk
