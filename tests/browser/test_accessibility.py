"""axe-core finds no barrier on the staff's pages, in both languages and themes.

The customer's pages are looked at by every shopper, see ``Shopper.look``.
"""

import re

import pytest
from playwright.sync_api import Page

from orders.models import Order
from saga.models import Saga
from shop.local.demo.load import ADMIN_NAME, ADMIN_PASSWORD
from tests.browser.shopper import MUG, OpenShopper
from tests.support.browser import OpenPage, barriers
from tests.support.live import LiveStack
from tests.support.sandbox_control import plan_fault

pytestmark = pytest.mark.browser

# Forms for goods, shipping, users and groups are Django's own, which has barriers.
OURS = re.compile(r"^/admin/(checkout|orders|inventory|saga)/(?!shipping).*(?<!/add/)$")
WITH_PAGES_OF_THEIR_OWN = (
    "/admin/backoffice/stalledorder/",
    "/admin/orders/order/",
    "/admin/inventory/stockitem/",
)
LINKS = "links => [...new Set(links.map(link => link.getAttribute('href')))]"


@pytest.fixture
def stopped(shop: LiveStack, open_shopper: OpenShopper) -> None:
    """An order that waits for a person."""
    if Saga.objects.failed().exists():
        return
    plan_fault(shop, operation="capture", kind="error_after", status=400)
    shopper = open_shopper()
    shopper.fill_cart(MUG)
    shopper.enter_information()
    shopper.pay("4242424242424242")
    shopper.page.locator("#live.on_hold").wait_for()
    shopper.look()


def sign_in(page: Page) -> None:
    page.goto("/admin/")
    assert barriers(page) == []
    page.fill("[name=username]", ADMIN_NAME)
    page.fill("[name=password]", ADMIN_PASSWORD)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_load_state()


def links_of(page: Page) -> list[str]:
    found = page.locator("#content a[href^='/admin/']").evaluate_all(LINKS)
    return [link for link in found if OURS.match(link)]


def test_the_staffs_pages_have_no_barriers(
    shop: LiveStack, stopped: None, open_page: OpenPage
) -> None:
    page = open_page(base_url=shop.url)
    sign_in(page)
    found = {"front": barriers(page)}
    for link in links_of(page):
        page.goto(link)
        found[link] = barriers(page)
        one = page.locator("#result_list tbody th a").first
        # The other pages of one thing are made of the same parts.
        if link in WITH_PAGES_OF_THEIR_OWN and one.count():
            one.click()
            page.wait_for_load_state()
            found[page.url] = barriers(page)
    assert len(found) >= 20
    assert {place: what for place, what in found.items() if what} == {}


def test_the_staffs_pages_have_no_barriers_on_a_phone_in_dark_mode(
    shop: LiveStack, stopped: None, open_page: OpenPage
) -> None:
    page = open_page(base_url=shop.url, width=360)
    page.emulate_media(color_scheme="dark")
    sign_in(page)
    found = {"front": barriers(page)}
    order = Saga.objects.failed().earliest("pk")
    pk = Order.objects.get(number=order.reference).pk
    stalled = "/admin/backoffice/stalledorder/"
    for link in (stalled, f"{stalled}{pk}/change/", f"{stalled}resume/?order={pk}"):
        page.goto(link)
        found[link] = barriers(page)
    assert {place: what for place, what in found.items() if what} == {}
