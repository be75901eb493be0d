# ruff: noqa: RUF001 (full-width characters are the point)
"""The confirmation page and the purchase."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from checkout.cart import services as carts
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.payments.card_form import permitted_hosts
from checkout.payments.fake.gateway import FakeGateway
from checkout.status.sagas import saga_of
from inventory.services import adjust, receive
from orders.models import Order, PaymentAttempt
from saga.engine import run
from saga.models import Saga
from shop.catalogue.models import Product, Variant
from shop.pages.frame import read_frame
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    purchase_form,
    text_of,
)


def test_without_an_address_the_information_comes_first(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    answer = client.get(CONFIRMATION)
    assert (answer.status_code, answer["Location"]) == (303, INFORMATION)


def test_everything_the_law_wants_is_on_the_page(
    client: Client, mug: Product, tea: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 1, "TEA-01": 1}, building="コーポ 101")
    page = text_of(client.get(CONFIRMATION))
    assert "¥1,800 × 1" in page
    assert "¥3,100, tax and ¥600 shipping included." in page
    assert "of which 10 % tax on ¥2,400" in page
    assert "of which 8 % tax on ¥700" in page
    for heading in ("Payment", "Delivery", "Cancellation", "Returns"):
        assert f"<dt>{heading}</dt>" in page
    assert "〒106-0031<br>Tokyo 港区<br>西麻布1-2-3<br>コーポ 101" in page
    assert "Pay ¥3,100 and order" in page


def test_every_answer_can_be_changed(client: Client, mug: Product) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    page = text_of(client.get(CONFIRMATION))
    for field in ("email", "name", "phone", "postcode", "delivery_0"):
        assert f'href="{INFORMATION}#id_{field}"' in page
    assert f'<a href="{CART}">Change' in page


def test_the_card_form_gets_what_it_needs_by_attributes(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    page = text_of(client.get(CONFIRMATION))
    assert 'data-amount="2400" data-currency="jpy"' in page
    assert f'data-key="{settings.STRIPE_PUBLISHABLE_KEY}"' in page
    assert f'<script src="{settings.STRIPE_JS_URL}" defer></script>' in page
    assert "Order for ¥2,400 and go to the payment page" in page


def test_without_the_card_form_the_order_is_paid_on_the_providers_page(
    client: Client, mug: Product, gateway: FakeGateway
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    form = purchase_form(client) | {"confirmation_token": "", "on_page": "on"}
    answer = client.post(CONFIRMATION, form)
    order = Order.objects.get()
    to_page = f"/orders/{order.uid}/pay/"
    assert (answer.status_code, answer["Location"]) == (303, to_page)
    assert order.payment.on_page
    assert client.get(to_page)["Refresh"] == "1"
    run(saga_of(order).pk)
    leads = client.get(to_page)["Refresh"]
    assert leads == "0; url=https://pay.example.com/cs_1"
    page = text_of(client.get(f"/orders/{order.uid}/"))
    assert 'href="https://pay.example.com/cs_1"' in page


def test_a_shop_without_cards_offers_no_payment_page(
    client: Client, mug: Product, settings: Settings
) -> None:
    settings.PAYMENT_METHODS = ["konbini"]
    fill_and_inform(client, {"MUG-01": 1})
    assert "on_page" not in text_of(client.get(CONFIRMATION))
    form = purchase_form(client) | {"confirmation_token": "", "on_page": "on"}
    assert client.post(CONFIRMATION, form)["Location"] == CONFIRMATION
    assert not Order.objects.exists()


def test_the_purchase_records_one_order_and_leads_to_its_page(
    client: Client, mug: Product
) -> None:
    cart = fill_and_inform(client, {"MUG-01": 2})
    answer = client.post(CONFIRMATION, purchase_form(client))
    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/orders/{order.uid}/")
    assert order.total_minor == 4200
    assert order.checkout_key == cart.checkout_key
    assert order.language == "en"
    assert order.payment.attempts.get().token == "ctoken_1"
    assert Saga.objects.main_paths().get().reference == order.number
    line = order.lines.get()
    assert (line.sku, line.name, line.variant) == (
        "MUG-01",
        "Morning Mug",
        "Label MUG-01",
    )
    assert line.picture.startswith("/media/pictures/")


def test_a_form_sent_twice_yields_one_order(client: Client, mug: Product) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    first = client.post(CONFIRMATION, form)
    second = client.post(CONFIRMATION, form | {"confirmation_token": "ctoken_2"})
    assert first["Location"] == second["Location"]
    assert PaymentAttempt.objects.get().token == "ctoken_1"


def test_a_second_tab_finds_the_order_even_after_it_was_cancelled(
    client: Client, mug: Product
) -> None:
    cart = fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    first = client.post(CONFIRMATION, form)
    carts.reopen(cart.checkout_key)
    assert client.post(CONFIRMATION, form)["Location"] == first["Location"]
    assert Order.objects.count() == 1
    # A new look makes a new order, as the customer wants.
    assert "Pay ¥4,200" in text_of(client.get(CONFIRMATION))


def test_a_stale_form_finds_its_order_when_another_cart_was_begun(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    first = client.post(CONFIRMATION, form)
    fill_and_inform(client, {"MUG-01": 1})
    assert client.post(CONFIRMATION, form)["Location"] == first["Location"]
    assert Order.objects.count() == 1


def raise_price() -> None:
    Variant.objects.update(price_minor=2000)


def move_house() -> None:
    carts.keep_information(Cart.objects.get(), RECIPIENT | {"street": "1-2-4"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (raise_price, "The amount has changed from ¥4,200 to ¥4,600"),
        (move_house, "Something in your order has changed"),
    ],
)
def test_what_changed_is_shown_again_before_anything_is_ordered(
    client: Client, mug: Product, change: Callable[[], None], said: str
) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    change()
    answer = client.post(CONFIRMATION, form)
    assert (answer.status_code, answer["Location"]) == (303, CONFIRMATION)
    assert not Order.objects.exists()
    assert said in text_of(client.get(CONFIRMATION))
    client.post(CONFIRMATION, purchase_form(client))
    assert Order.objects.count() == 1


def test_the_confirmation_shows_a_changed_price_on_the_line(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    raise_price()
    assert "it was ¥1,800, now it is ¥2,000" in text_of(client.get(CONFIRMATION))


def test_goods_that_went_meanwhile_lead_back_to_the_cart(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    adjust("MUG-01", -10, "shelf", "broken", "staff")
    answer = client.post(CONFIRMATION, form)
    assert (answer.status_code, answer["Location"]) == (303, CART)
    assert not Order.objects.exists()
    assert Cart.objects.get().state == Cart.State.OPEN


def test_without_a_card_nothing_is_ordered(client: Client, mug: Product) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    answer = client.post(CONFIRMATION, purchase_form(client, card=""))
    assert (answer.status_code, answer["Location"]) == (303, CONFIRMATION)
    assert not Order.objects.exists()
    assert "Fill in the card form." in text_of(client.get(CONFIRMATION))


def test_a_forged_form_orders_nothing(client: Client, mug: Product) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    for broken in ({"digest": "0" * 64}, {"digest": ""}, {"checkout_key": "x"}):
        answer = client.post(CONFIRMATION, form | broken)
        assert answer["Location"] == CONFIRMATION
    answer = client.post(CONFIRMATION, form | {"checkout_key": str(uuid4())})
    assert answer["Location"] == CART
    assert not Order.objects.exists()


def test_looking_takes_few_queries(
    client: Client,
    mug: Product,
    tea: Product,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    fill_and_inform(client, {"MUG-01": 1, "TEA-01": 1})
    read_frame()  # it is kept until something in the shop window changes
    # Cart, lines with stock, shipping, header, announcements, version of the frame.
    with django_assert_max_num_queries(6):
        client.get(CONFIRMATION)


@pytest.mark.django_db(transaction=True)
def test_placing_takes_at_most_thirteen_statements_while_there_is_plenty(
    client: Client,
    mug: Product,
    tea: Product,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for sku in ("MUG-01", "TEA-01"):
        receive(sku, 100, "delivery")
    fill_and_inform(client, {"MUG-01": 1, "TEA-01": 1})
    form = purchase_form(client)
    with django_assert_max_num_queries(100) as asked:
        client.post(CONFIRMATION, form)
    statements = [
        query["sql"]
        for query in asked.captured_queries
        if query["sql"].split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}
    ]
    assert Order.objects.count() == 1
    assert len(statements) <= 13, "\n".join(statements)


@pytest.mark.parametrize("address", [CART, INFORMATION, "/"])
def test_only_payment_pages_may_talk_to_the_provider(
    client: Client, mug: Product, address: str
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    origin = settings.STRIPE_JS_URL.removesuffix("/v3/")
    assert origin not in client.get(address)["Content-Security-Policy"]
    policy = client.get(CONFIRMATION)["Content-Security-Policy"]
    for directive in ("script-src", "frame-src", "connect-src"):
        assert f"{directive} 'self' {origin};" in policy + ";"
    assert "unsafe-inline" not in policy


@pytest.mark.parametrize("address", [CART, INFORMATION, CONFIRMATION])
def test_pages_of_the_checkout_are_never_cached(
    client: Client, mug: Product, address: str
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    assert "no-store" in client.get(address)["Cache-Control"]


def test_without_an_address_nothing_is_ordered(client: Client, mug: Product) -> None:
    cart = fill(client, {"MUG-01": 1})
    form = {
        "checkout_key": str(cart.checkout_key),
        "digest": quote(cart).digest,
        "confirmation_token": "ctoken_1",
    }
    answer = client.post(CONFIRMATION, form)
    assert (answer.status_code, answer["Location"]) == (303, INFORMATION)
    assert not Order.objects.exists()


def test_with_real_keys_the_pages_may_talk_to_stripe_alone(settings: Settings) -> None:
    settings.STRIPE_IS_SANDBOX = False
    allowed = permitted_hosts()
    assert allowed["connect-src"] == ["'self'", "https://api.stripe.com"]
    assert "https://hooks.stripe.com" in allowed["frame-src"]
    assert allowed["script-src"] == [
        "'self'",
        "https://js.stripe.com",
        "https://*.js.stripe.com",
    ]
