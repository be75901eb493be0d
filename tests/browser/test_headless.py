"""The example of a headless shop buys in Chromium, from another address."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from playwright.sync_api import expect

from orders.models import Order
from tests.browser.conftest import HEADLESS_PORT
from tests.browser.shopper import OpenShopper
from tests.support.customer import wait_until_done
from tests.support.live import LiveStack
from tests.support.sandbox_control import captured
from tests.support.shopping import RECIPIENT

pytestmark = pytest.mark.browser

SHORT_OF_FUNDS = "4000000000009995"
VISA = "4242424242424242"


class Files(SimpleHTTPRequestHandler):
    """The example's files, without a log."""

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def headless(shop: LiveStack) -> Iterator[str]:
    """The address of the example, which knows the address of the shop."""
    folder = Path(settings.BASE_DIR) / "examples" / "headless"
    files = partial(Files, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", HEADLESS_PORT), files) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{HEADLESS_PORT}/?shop={shop.url}"
        server.shutdown()


def test_the_example_buys_by_the_api_alone(
    shop: LiveStack, headless: str, open_shopper: OpenShopper
) -> None:
    shopper = open_shopper(width=360, language="ja")
    page = shopper.page
    shopper.visit(headless)
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.locator(".goods button:enabled").first.click()
    page.locator("#to-information").click()
    # Refused first: the shop's own words stand beside the field.
    page.locator("#information-form button").click()
    expect(page.locator(".problem").first).to_be_visible()
    shopper.look()
    for name, value in RECIPIENT.items():
        if name != "delivery":
            page.fill(f"[name={name}]", value)
    page.locator("#information-form button").click()

    pay = page.locator("#payment-form button")
    expect(pay).to_be_visible()
    shopper.fill_in(SHORT_OF_FUNDS)
    shopper.look()
    pay.click()
    expect(page.locator("#alert")).to_contain_text("ご利用可能額")
    expect(pay).to_be_visible()
    shopper.fill_in(VISA)
    pay.click()

    expect(page.locator("#order-state")).to_contain_text("ご注文が完了しました")
    shopper.look()
    order = Order.objects.latest("pk")
    expect(page.locator("#order-number")).to_contain_text(order.number)
    wait_until_done(shop, [order])
    assert captured(shop, order) == [order.total_minor]
    assert order.language == "ja"
