"""Goods in a rush and goods before their release, bought in Chromium."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import pytest
from django.utils.formats import date_format
from django.utils.translation import override
from playwright.sync_api import expect

from checkout.waiting_room.services import close_room, open_room
from inventory.services import announce
from orders.models import Order
from shop import database_clock
from shop.catalogue.models import Product
from tests.browser.shopper import OpenShopper, Shopper
from tests.support.catalogue import make_product
from tests.support.customer import wait_until_done
from tests.support.live import LiveStack

pytestmark = pytest.mark.browser

VISA = "4242424242424242"
LINE = "**/checkout/line/"


@pytest.fixture
def towel(shop: LiveStack) -> Iterator[Product]:
    """A towel that everybody wants: one buyer at a time."""
    number = Product.objects.count()  # each test has one of its own
    product = make_product(
        f"towel-{number}", skus=(f"TOWEL-{number}",), units=9, pictures=0
    )
    room = open_room(product, 1, "kato", "launch")
    yield product
    close_room(room, "kato")
    Product.objects.filter(pk=product.pk).update(is_active=False)


def go_to_checkout(shopper: Shopper, product: Product) -> None:
    shopper.fill_cart(product.slug)
    shopper.press(".summary a.button.primary")


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 1280, "light"), ("ja", 320, "dark")]
)
def test_a_buyer_waits_in_line_until_the_one_before_has_bought(
    shop: LiveStack,
    open_shopper: OpenShopper,
    towel: Product,
    language: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    first = open_shopper(language=language)
    first.fill_cart(towel.slug)
    first.enter_information()
    second = open_shopper(language=language, width=width)
    second.page.emulate_media(color_scheme=scheme)
    go_to_checkout(second, towel)
    second.page.wait_for_url(LINE)
    expect(second.page.locator("[role=status] strong").first).to_contain_text("1")
    second.look()

    first.pay(VISA)
    wait_until_done(shop, [first.order()])

    second.page.wait_for_url("**/checkout/information/", timeout=30_000)
    second.look()


def test_without_javascript_the_line_moves_as_well(
    shop: LiveStack, open_shopper: OpenShopper, towel: Product
) -> None:
    first = open_shopper()
    first.fill_cart(towel.slug)
    first.enter_information()
    second = open_shopper(javascript=False, width=360)
    go_to_checkout(second, towel)
    second.page.wait_for_url(LINE)

    first.pay(VISA)
    wait_until_done(shop, [first.order()])

    second.page.wait_for_url("**/checkout/information/", timeout=30_000)


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ja", 360)])
def test_a_tape_is_ordered_before_its_release(
    shop: LiveStack, open_shopper: OpenShopper, language: str, width: int
) -> None:
    release = (database_clock.read() + timedelta(days=40)).date()
    sku = f"TAPE-{language}"
    product = make_product(
        f"tape-{language}", skus=(sku,), units=0, pictures=0, release_on=release
    )
    announce(sku, 3, f"tape-{language}", "", "")
    with override(language):
        day = re.compile(re.escape(date_format(release, "MONTH_DAY_FORMAT")))
    shopper = open_shopper(language=language, width=width)
    page = shopper.page

    shopper.visit(f"/p/{product.slug}/")
    expect(page.locator("main")).to_contain_text(day)
    shopper.fill_cart(product.slug)
    expect(page.locator("li.line")).to_contain_text(day)
    shopper.enter_information()
    expect(page.locator("main")).to_contain_text(day)
    shopper.pay(VISA)

    order = shopper.order()
    shopper.see_all_steps_done()
    expect(page.locator("main")).to_contain_text(day)
    wait_until_done(shop, [order])
    assert order.lines.get().release_on == release
    assert Order.objects.get(pk=order.pk).status == Order.Status.CONFIRMED
