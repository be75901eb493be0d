"""Shoppers in Chromium, on the real processes."""

from typing import Any

import pytest

from inventory.services import receive
from shop.catalogue.models import Variant
from tests.browser.shopper import MUG, OpenShopper, Shopper
from tests.support.browser import OpenPage
from tests.support.live import LiveStack
from tests.support.ports import free_port
from tests.support.stacks import live_stack_fixture

# Where the example of a headless shop is served (test_headless.py).
HEADLESS_PORT = free_port()
live_stack_processes = live_stack_fixture(
    "browser", API_ORIGINS=f"http://127.0.0.1:{HEADLESS_PORT}"
)


@pytest.fixture
def shop(shop: LiveStack) -> LiveStack:
    """The shop, with enough mugs for every test."""
    mug = Variant.objects.get(product__slug=MUG)
    receive(mug.sku, 50, "mugs-for-browser-tests")
    return shop


@pytest.fixture
def open_shopper(shop: LiveStack, open_page: OpenPage) -> OpenShopper:
    """Open a page of a new shopper: ``open_shopper(width=360, language="ja")``."""

    def open_one(**options: Any) -> Shopper:
        page = open_page(base_url=shop.url, **options)
        return Shopper(page, javascript=options.get("javascript", True))

    return open_one
