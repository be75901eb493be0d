# ruff: noqa: RUF001 (full-width characters are the point)
"""The cart's page, with and without scripts."""

import pytest
from django.core.signing import get_cookie_signer
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from checkout.cart.cookies import COOKIE
from checkout.cart.models import Cart, CartLine
from checkout.cart.pricing import quote
from checkout.placement.services import place_order
from inventory.services import adjust
from shop.catalogue.models import Product, Variant
from tests.support.shopping import (
    ADD,
    CART,
    CONFIRMATION,
    INFORMATION,
    fetch,
    fill,
    fill_and_inform,
    text_of,
)

HTMX = {"HX-Request": "true"}


def test_the_empty_cart_shows_a_way_out(client: Client, db: None) -> None:
    page = client.get(CART)
    assert "Your cart is empty." in text_of(page)
    assert COOKIE not in client.cookies
    assert not Cart.objects.exists()


def test_adding_without_scripts_leads_to_the_cart(client: Client, mug: Product) -> None:
    answer = client.post(ADD, {"sku": "MUG-01", "quantity": "2"})
    assert (answer.status_code, answer["Location"]) == (303, CART)
    page = text_of(client.get(CART))
    assert "Morning Mug (Label MUG-01) was added to your cart." in page
    assert "Cart: 2 items, ¥3,600" in page
    assert "¥4,200" in page


def test_adding_with_htmx_is_confirmed_in_place(client: Client, mug: Product) -> None:
    page = client.post(ADD, {"sku": "MUG-01", "quantity": "2"}, headers=HTMX)
    assert page.status_code == 200
    assert "Go to the cart" in text_of(page)
    assert "Cart: 2 items, ¥3,600" in text_of(page)
    assert "<html" not in text_of(page)


def test_the_cookie_is_signed_and_lasts_thirty_days(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    cookie = client.cookies[COOKIE]
    assert cookie["max-age"] == 30 * 24 * 60 * 60
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    client.cookies[COOKIE] = cookie.value.replace(":", "x:", 1)
    assert "Your cart is empty." in text_of(client.get(CART))


def test_looking_at_the_cart_keeps_it_for_another_thirty_days(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    assert client.get(CART).cookies[COOKIE]["max-age"] == 30 * 24 * 60 * 60


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("sku", "quantity", "said"),
    [
        ("MUG-01", "11", "Only 10 are left, so nothing was added."),
        ("MUG-01", "0", "Choose a quantity between 1 and 99."),
        ("MUG-01", "many", "Choose a quantity between 1 and 99."),
        ("NO-SUCH", "1", "This item is no longer for sale."),
    ],
)
def test_a_refusal_says_why_and_adds_nothing(
    client: Client,
    mug: Product,
    headers: dict[str, str],
    sku: str,
    quantity: str,
    said: str,
) -> None:
    data = {"sku": sku, "quantity": quantity}
    answer = client.post(ADD, data, headers=headers, follow=True)
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert not CartLine.objects.exists()


def test_a_refusal_counts_what_is_in_the_cart_already(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 9})
    answer = client.post(ADD, {"sku": "MUG-01", "quantity": 2}, headers=HTMX)
    assert "You already have 9 in your cart." in text_of(answer)


def test_adding_a_sold_out_item_says_so(client: Client, mug: Product) -> None:
    adjust("MUG-01", -10, "shelf", "broken", "staff")
    answer = client.post(ADD, {"sku": "MUG-01", "quantity": 2}, headers=HTMX)
    assert "Morning Mug (Label MUG-01) is sold out." in text_of(answer)


def test_the_quantity_can_be_changed(client: Client, mug: Product) -> None:
    line = fill(client, {"MUG-01": 1}).lines.get()
    answer = client.post(f"/cart/{line.pk}/", {"quantity": "３"})
    assert (answer.status_code, answer["Location"]) == (303, CART)
    line.refresh_from_db()
    assert line.quantity == 3


def test_a_quantity_that_is_none_changes_nothing(client: Client, mug: Product) -> None:
    line = fill(client, {"MUG-01": 1}).lines.get()
    client.post(f"/cart/{line.pk}/", {"quantity": "100"})
    line.refresh_from_db()
    assert line.quantity == 1
    assert "Choose a quantity between 1 and 99." in text_of(client.get(CART))


@pytest.mark.parametrize(
    ("address", "data"), [("/cart/{}/remove/", {}), ("/cart/{}/", {"quantity": 0})]
)
def test_a_removal_can_be_undone(
    client: Client, mug: Product, address: str, data: dict[str, str]
) -> None:
    line = fill(client, {"MUG-01": 2}).lines.get()
    answer = client.post(address.format(line.pk), data)
    assert answer.status_code == 303
    page = text_of(client.get(answer["Location"]))
    assert "Morning Mug (Label MUG-01) was removed." in page
    assert not CartLine.objects.exists()
    client.post("/cart/restore/", {"sku": "MUG-01", "quantity": 2})
    assert CartLine.objects.get().quantity == 2


@pytest.mark.parametrize("query", ["removed=NO-SUCH&quantity=1", "removed=MUG-01", "x"])
def test_nothing_is_offered_back_that_is_not_there(
    client: Client, mug: Product, query: str
) -> None:
    fill(client, {"MUG-01": 2})
    assert "was removed" not in text_of(client.get(f"{CART}?{query}"))


def test_what_went_off_sale_cannot_be_put_back(client: Client, mug: Product) -> None:
    line = fill(client, {"MUG-01": 2}).lines.get()
    client.post(f"/cart/{line.pk}/remove/")
    Variant.objects.update(is_active=False)
    client.post("/cart/restore/", {"sku": "MUG-01", "quantity": 2})
    assert "This item is no longer for sale." in text_of(client.get(CART))
    assert not CartLine.objects.exists()


def test_a_changed_price_is_shown_on_the_line(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    Variant.objects.update(price_minor=2000)
    page = text_of(client.get(CART))
    assert "it was ¥1,800, now it is ¥2,000." in page
    assert "Continue to your details" in page


def test_too_little_stock_is_shown_on_the_line_and_stops_the_order(
    client: Client, mug: Product
) -> None:
    line = fill(client, {"MUG-01": 3}).lines.get()
    adjust("MUG-01", -8, "shelf", "broken", "staff")
    page = text_of(client.get(CART))
    assert "Only 2 are left. Please lower the quantity to continue." in page
    assert 'aria-disabled="true" aria-describedby="blocked"' in page
    assert f'href="{INFORMATION}"' not in page
    line.refresh_from_db()
    assert line.quantity == 3
    for address in (INFORMATION, CONFIRMATION):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (303, CART)


def test_a_line_that_is_sold_out_stays_and_says_so(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 3})
    adjust("MUG-01", -10, "shelf", "broken", "staff")
    assert "Sold out. Please remove it to continue." in text_of(client.get(CART))


def test_the_gap_to_free_shipping_is_shown(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    page = text_of(client.get(CART))
    assert "¥3,200 more and shipping is free." in page
    assert '<progress value="1800" max="5000"' in page
    fill(client, {"MUG-01": 2})
    assert "Shipping is free for this order" in text_of(client.get(CART))


def test_an_ordered_cart_leads_to_its_order(client: Client, mug: Product) -> None:
    cart = fetch(fill_and_inform(client, {"MUG-01": 1}))
    order = place_order(cart, quote(cart), token="ctoken_1", language="en")
    for address in (CART, INFORMATION, CONFIRMATION):
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer["Location"] == f"/orders/{order.uid}/"
    assert "Cart: empty" in text_of(client.get("/"))


@pytest.mark.parametrize("state", [Cart.State.ORDERED, Cart.State.CLOSED])
def test_an_ordered_cart_is_not_changed_any_more(
    client: Client, mug: Product, state: str
) -> None:
    cart = fetch(fill_and_inform(client, {"MUG-01": 1}))
    place_order(cart, quote(cart), token="ctoken_1", language="en")
    Cart.objects.update(state=state)
    line = cart.lines.get()
    client.post(f"/cart/{line.pk}/", {"quantity": 3})
    client.post(f"/cart/{line.pk}/remove/")
    client.post("/cart/restore/", {"sku": "MUG-01", "quantity": 2})
    line.refresh_from_db()
    assert line.quantity == 1


def test_a_completed_cart_shows_its_order_and_can_be_followed_by_another(
    client: Client, mug: Product
) -> None:
    cart = fetch(fill_and_inform(client, {"MUG-01": 1}))
    order = place_order(cart, quote(cart), token="ctoken_1", language="en")
    Cart.objects.update(state=Cart.State.CLOSED)
    assert f"Your cart became order {order.number}." in text_of(client.get(CART))
    fill(client, {"MUG-01": 2})
    assert "Cart: 2 items, ¥3,600" in text_of(client.get(CART))


@pytest.mark.parametrize(
    "address", [ADD, "/cart/restore/", "/cart/1/", "/cart/1/remove/"]
)
def test_changes_are_never_made_by_looking(
    client: Client, db: None, address: str
) -> None:
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("address", ["/cart/restore/", "/cart/1/", "/cart/1/remove/"])
def test_changes_without_a_cart_do_no_harm(
    client: Client, mug: Product, address: str
) -> None:
    data = {"sku": "MUG-01", "quantity": 1}
    answer = client.post(address, data)
    assert (answer.status_code, answer["Location"]) == (303, CART)
    assert not Cart.objects.exists()


def test_the_cart_takes_few_queries(
    client: Client,
    mug: Product,
    tea: Product,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    fill(client, {"MUG-01": 1, "TEA-01": 1})
    client.get(CART)
    # Cart, lines with stock, shipping, header, announcements, version of the frame.
    with django_assert_max_num_queries(6):
        client.get(CART)


def test_a_cookie_that_names_no_cart_is_as_good_as_none(
    client: Client, mug: Product
) -> None:
    signer = get_cookie_signer(salt=COOKIE + "checkout.cart")
    client.cookies[COOKIE] = signer.sign("no-cart")
    assert "Your cart is empty." in text_of(client.get(CART))
    fill(client, {"MUG-01": 1})
    assert "Cart: 1 item, ¥1,800" in text_of(client.get(CART))
