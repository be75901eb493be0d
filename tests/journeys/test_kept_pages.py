"""Pages of all web processes are true at the request after an edit."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from inventory.services import adjust
from shop.catalogue.models import Product, Variant
from shop.catalogue.services import index_product
from tests.support.catalogue import stock_up
from tests.support.customer import Customer
from tests.support.live import LiveStack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.both_databases

READERS = 6
EDITS = 8


def get(stack: LiveStack, path: str, language: str = "en") -> str:
    """Read a page over a new connection, which any web process may take."""
    headers = {"Accept-Language": language}
    answer = requests.get(stack.url + path, headers=headers, timeout=20)
    answer.raise_for_status()
    assert not answer.cookies
    return answer.text


def test_no_process_shows_an_old_price_or_name_after_an_edit(shop: LiveStack) -> None:
    sku = stock_up(20, name="KEPT")
    product = Product.objects.get(variants__sku=sku)
    page, search = product.get_absolute_url(), f"/search/?q={sku}"

    with ThreadPoolExecutor(READERS) as readers:
        for number in range(EDITS):
            price, name = 1000 + number, f"Name {number} of {sku}"
            # Readers of meanwhile have the pages made, and kept, while it is edited.
            early = [readers.submit(get, shop, search) for _ in range(READERS)]
            Variant.objects.filter(sku=sku).update(price_minor=price)
            product.name_en, product.name_ja = name, f"{name} マグ"
            product.save(update_fields=["name_en", "name_ja"])
            index_product(product.pk)
            asked = [
                (language, readers.submit(get, shop, path, language))
                for path in (page, search)
                for language in ("en", "ja")
                for _ in range(READERS // 2)
            ]
            for language, answer in asked:
                text = answer.result()
                assert f"{price:,}" in text
                assert name in text
                assert (" マグ" in text) == (language == "ja")
            for answer in early:
                answer.result()


def test_a_badge_of_stock_is_true_after_two_seconds(shop: LiveStack) -> None:
    sku = stock_up(20, name="BADGE")
    page = Product.objects.get(variants__sku=sku).get_absolute_url()
    assert "In stock" in get(shop, page)
    adjust(sku, -18, reference=f"lost-{sku}", note="lost", actor="yuki")

    wait_until(lambda: "2 left" in get(shop, page), "the badge is true", seconds=2.5)


def test_each_visitor_of_one_page_sees_the_own_cart(shop: LiveStack) -> None:
    sku = stock_up(20, name="CARTS")
    page = Product.objects.get(variants__sku=sku).get_absolute_url()
    visitors = [Customer(shop) for _ in range(3)]
    for number, visitor in enumerate(visitors, start=1):
        visitor.fill_cart({sku: number})

    for _ in range(3):
        for number, visitor in enumerate(visitors, start=1):
            pill = re.search(r"Cart: (\d+) item", visitor.get(page).text)
            assert pill is not None
            assert int(pill[1]) == number
        assert "Cart: empty" in get(shop, page)
