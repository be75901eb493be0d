"""The shop while checkout is paused, and its banner."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkout.announcements.models import Announcement
from checkout.announcements.services import lift, pause, put_up
from checkout.cart.models import Cart
from checkout.shipping.table import read_table
from orders.models import Order
from shop.catalogue.models import Product
from shop.pages.frame import read_frame
from tests.conftest import Clock
from tests.support.shopping import (
    ADD,
    CART,
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    make_order,
    purchase_form,
    recipient_of,
    text_of,
)

HELLO = ("Back at nine.", "九時に再開します。")
BANNER = 'class="announcement'
NOTICE = "We are not taking orders right now"
PAY = "data-card-submit"


def look(client: Client, address: str, **headers: str) -> str:
    """Return the text of a page without cached announcements."""
    caches["pages"].clear()
    return text_of(client.get(address, headers=headers))


def pause_now() -> Announcement:
    return pause("yuki", "the bank is away", *HELLO)


@pytest.mark.parametrize("address", ["/", "/p/mug/", "/search/?q=mug", CART])
def test_every_page_says_that_checkout_is_paused(
    client: Client, mug: Product, address: str
) -> None:
    assert BANNER not in look(client, address)
    pause_now()
    page = look(client, address)
    assert page.count("Back at nine.") == 1
    assert "Your cart is kept. Orders that you have placed go on." in page
    page = look(client, address, **{"accept-language": "ja"})
    assert "九時に再開します。" in page
    assert "Back at nine." not in page


def test_the_page_of_an_order_that_goes_on_says_so(
    client: Client, mug: Product
) -> None:
    order = make_order({"MUG-01": 1})
    pause_now()
    page = text_of(client.get(f"/orders/{order.uid}/"))
    assert "Orders that you have placed go on." in page


def test_browsing_and_the_cart_go_on(client: Client, mug: Product) -> None:
    pause_now()
    fill(client, {"MUG-01": 2})
    assert client.post(ADD, {"sku": "MUG-01", "quantity": 1}).status_code == 303
    assert "Cart: 3 items" in text_of(client.get("/"))


def test_the_information_page_keeps_what_is_typed(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 2})
    pause_now()
    page = text_of(client.get(INFORMATION))
    assert NOTICE in page
    assert page.count("Back at nine.") == 1
    assert "Continue to confirmation" not in page
    assert "Keep my details for later" in page
    answer = client.post(INFORMATION, RECIPIENT)
    assert (answer.status_code, answer["Location"]) == (303, CONFIRMATION)
    assert recipient_of(Cart.objects.get()).street == RECIPIENT["street"]


def test_the_information_page_shows_what_was_mistyped(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 2})
    pause_now()
    answer = client.post(INFORMATION, RECIPIENT | {"postcode": "1"})
    page = text_of(answer)
    assert NOTICE in page
    assert f'value="{RECIPIENT["phone"]}"' in page
    assert "Enter a postcode of 7 digits" in page


def test_the_confirmation_has_no_button_and_no_card_form(
    client: Client, mug: Product
) -> None:
    fill_and_inform(client, {"MUG-01": 2})
    assert PAY in text_of(client.get(CONFIRMATION))
    row = pause_now()
    page = text_of(client.get(CONFIRMATION))
    assert NOTICE in page
    assert "Nothing is lost: your cart and your details are kept" in page
    assert "Orders that you have already placed go on" in page
    assert page.count("Back at nine.") == 1
    assert PAY not in page
    assert settings.STRIPE_JS_URL not in page
    assert "Nothing is charged until you press the button" not in page
    assert RECIPIENT["email"] in page
    lift(row, "yuki", "it is back")
    assert PAY in text_of(client.get(CONFIRMATION))


def test_a_confirmation_sent_after_the_pause_orders_nothing(
    client: Client, mug: Product
) -> None:
    cart = fill_and_inform(client, {"MUG-01": 2})
    form = purchase_form(client)
    row = pause_now()
    answer = client.post(CONFIRMATION, form)
    assert (answer.status_code, answer["Location"]) == (303, CONFIRMATION)
    page = text_of(client.get(CONFIRMATION))
    assert "Your order was not placed. Nothing was charged." in page
    assert NOTICE in page
    assert not Order.objects.exists()
    assert recipient_of(cart).email == RECIPIENT["email"]
    lift(row, "yuki", "it is back")
    client.post(CONFIRMATION, form)
    assert Order.objects.get().checkout_key == cart.checkout_key


def test_a_banner_tells_and_stops_nothing(client: Client, mug: Product) -> None:
    now = timezone.now()
    put_up("yuki", "a move", HELLO, ends_at=now + timedelta(minutes=1))
    fill_and_inform(client, {"MUG-01": 1})
    for address in ("/", CART, INFORMATION, CONFIRMATION):
        assert text_of(client.get(address)).count("Back at nine.") == 1
    client.post(CONFIRMATION, purchase_form(client))
    assert Order.objects.count() == 1
    Announcement.objects.update(ends_at=now)
    assert BANNER not in look(client, "/")


def test_pages_tell_at_once_what_is_announced(client: Client, mug: Product) -> None:
    assert BANNER not in text_of(client.get("/"))
    row = put_up("yuki", "a move", HELLO)
    assert "Back at nine." in text_of(client.get("/"))
    lift(row, "yuki", "over")
    assert BANNER not in text_of(client.get("/"))


def test_a_banner_begins_on_time_on_pages_that_know_of_it(
    client: Client, mug: Product, clock: Clock
) -> None:
    put_up("yuki", "a move", HELLO, starts_at=timezone.now() + timedelta(seconds=3))
    assert BANNER not in text_of(client.get("/"))
    clock.shift(3)
    assert "Back at nine." in text_of(client.get("/"))


def test_messages_are_text_and_never_markup(client: Client, mug: Product) -> None:
    pause("yuki", "<b>", "<script>alert(1)</script>", "<i>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get("/").content.decode()


def test_both_at_once_cost_one_query(
    client: Client, mug: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    pause_now()
    put_up("yuki", "a move", HELLO)
    # Both are kept until something in the shop window changes.
    read_table()
    read_frame()
    with django_assert_num_queries(5) as asked:
        page = text_of(client.get(CONFIRMATION))
    assert page.count("Back at nine.") == 2
    found = [one for one in asked.captured_queries if "announcement" in one["sql"]]
    assert len(found) == 1
