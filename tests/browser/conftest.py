"""Shoppers on the real processes."""

from collections.abc import Iterator
from typing import Any

import pytest

from inventory.services import receive
from shop.catalogue.models import Variant
from tests.browser.shopper import MUG, OpenShopper, Shopper
from tests.support.browser import OpenPage
from tests.support.live import LiveStack
from tests.support.live import live_stack as run_live_stack
from tests.support.live_invariants import assert_invariants
from tests.support.sandbox_control import clear_faults


@pytest.fixture(scope="package")
def live_stack_processes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveStack]:
    with run_live_stack(tmp_path_factory.mktemp("browser") / "data") as stack:
        yield stack


@pytest.fixture
def shop(live_stack: LiveStack) -> Iterator[LiveStack]:
    """The shop with mugs enough for every test; afterwards the invariants hold."""
    mug = Variant.objects.get(product__slug=MUG)
    receive(mug.sku, 50, "mugs-for-browser-tests")
    yield live_stack
    clear_faults(live_stack)
    assert_invariants(live_stack)


@pytest.fixture
def open_shopper(shop: LiveStack, open_page: OpenPage) -> OpenShopper:
    """Open a fresh shopper: ``open_shopper(width=360, language="ja")``."""

    def open_one(**options: Any) -> Shopper:
        page = open_page(base_url=shop.url, **options)
        return Shopper(page, javascript=options.get("javascript", True))

    return open_one
