# ruff: noqa: RUF001 (full-width characters are the point)
"""Queries of goods: what the pages show, in a fixed number of statements."""

from collections.abc import Hashable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from api import kept
from shop.catalogue.models import Product
from shop.page_cache.page import Page
from shop.page_cache.store import Store
from tests.support.api import ask, faults, send
from tests.support.catalogue import make_category, make_product, make_variant
from tests.support.shopping import fill

LIST = """query List($first: Int, $after: String, $filter: ProductFilter,
                 $search: String, $sort: ProductSort) {
  products(first: $first, after: $after, filter: $filter, search: $search,
           sort: $sort) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { slug name }
  }
}"""
EVERYTHING = """query Everything($first: Int!) {
  products(first: $first) { nodes {
    id slug url name description programme taxRate isNew orderLimit hasDearer free
    category { slug name } cover { src alt } pictures { src srcset width alt }
    price { minor text } priceBefore { minor }
    variants { sku name label free price { minor } priceBefore { minor }
               options { option value } picture { thumbnail } }
  } }
}"""


@pytest.fixture
def goods(db: None) -> list[Product]:
    """A mug at 1,800 yen, a plate at 950 of which none is left, and a tea at 700."""
    table = make_category("table")
    return [
        make_product(),
        make_product("plate", skus=("PLATE-01",), price_minor=950, units=0, position=1),
        make_product(
            "tea", skus=("TEA-01",), price_minor=700, category=table, position=2,
            name_en="Studio Tea", name_ja="スタジオ茶",
        ),
    ]  # fmt: skip


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("variables", "slugs"),
    [
        ({}, ["mug", "plate", "tea"]),
        ({"sort": "CHEAPEST"}, ["tea", "plate", "mug"]),
        ({"filter": {"category": "table"}}, ["tea"]),
        ({"filter": {"inStock": True}}, ["mug", "tea"]),
        ({"filter": {"inStock": False}}, ["plate"]),
        ({"filter": {"priceFrom": 701, "priceUntil": 1800}}, ["mug", "plate"]),
        ({"filter": {"priceUntil": 2**53 - 1}}, ["mug", "plate", "tea"]),
        ({"search": "ＳＴＵＤＩＯ"}, ["tea"]),
        ({"search": "%_\\'"}, []),
        ({"filter": {"category": "x" * 5000}}, []),
    ],
)
def test_a_list_is_filtered_searched_and_sorted(
    client: Client, goods: list[Product], variables: dict[str, object], slugs: list[str]
) -> None:
    found = ask(client, LIST, **variables)["products"]
    assert [each["slug"] for each in found["nodes"]] == slugs
    assert found["totalCount"] == len(slugs)


def test_pages_follow_each_other_to_the_end(
    client: Client, goods: list[Product]
) -> None:
    first = ask(client, LIST, first=2)["products"]
    cursor = first["pageInfo"]["endCursor"]
    rest = ask(client, LIST, first=2, after=cursor)["products"]

    assert first["pageInfo"]["hasNextPage"]
    assert not rest["pageInfo"]["hasNextPage"]
    names = [each["slug"] for each in [*first["nodes"], *rest["nodes"]]]
    assert names == ["mug", "plate", "tea"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"first": 0}, "PAGE_SIZE"),
        ({"first": 101}, "PAGE_SIZE"),
        ({"after": "mug"}, "CURSOR"),
        ({"after": "b2Zmc2V0Oi0x"}, "CURSOR"),
    ],
)
def test_a_page_has_a_size_and_a_cursor_of_this_list(
    client: Client, goods: list[Product], variables: dict[str, object], code: str
) -> None:
    assert faults(send(client, LIST, **variables)) == [code]


def test_names_and_prices_are_in_the_language_of_the_header(
    client: Client, mug: Product
) -> None:
    query = '{ product(slug: "mug") { name price { text } category { name } } }'
    japanese = ask(client, query, {"Accept-Language": "ja"})["product"]
    english = ask(client, query, {"Accept-Language": "en"})["product"]
    assert japanese["name"] == "朝のマグカップ"
    assert japanese["price"]["text"] == "￥1,800"
    assert english["name"] == "Morning Mug"
    assert english["price"]["text"] == "¥1,800"


def test_a_product_has_its_variants_with_prices_and_stock(
    client: Client, mug: Product
) -> None:
    make_variant(mug, "MUG-02", 2400, units=3, sale_minor=2000)
    query = """{ product(slug: "mug") { free hasDearer price { minor }
      variants { sku free price { minor currency } priceBefore { minor } } } }"""
    assert ask(client, query)["product"] == {
        "free": 13,
        "hasDearer": True,
        "price": {"minor": 1800},
        "variants": [
            {
                "sku": "MUG-01",
                "free": 10,
                "price": {"minor": 1800, "currency": "JPY"},
                "priceBefore": None,
            },
            {
                "sku": "MUG-02",
                "free": 3,
                "price": {"minor": 2000, "currency": "JPY"},
                "priceBefore": {"minor": 2400},
            },
        ],
    }


def test_what_is_not_on_sale_is_not_there(client: Client, mug: Product) -> None:
    Product.objects.update(is_active=False)
    query = (
        '{ product(slug: "mug") { name } categories { slug } products { totalCount } }'
    )
    assert ask(client, query) == {
        "product": None,
        "categories": [],
        "products": {"totalCount": 0},
    }


def test_all_fields_of_many_products_cost_as_many_statements_as_of_one(
    client: Client,
    goods: list[Product],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    # Products, their variants, options, stock, pictures and descriptions; and the
    # version of the shop window, by which answers are kept.
    for first in (1, 3):
        with django_assert_num_queries(7):
            assert (
                len(ask(client, EVERYTHING, first=first)["products"]["nodes"]) == first
            )


def test_the_shop_says_how_to_pay(client: Client, db: None) -> None:
    query = "{ shop { name currency languages payment { methods script } } }"
    found = ask(client, query)["shop"]
    assert (found["currency"], found["languages"]) == ("JPY", ["ja", "en"])
    assert found["payment"]["methods"] == ["card"]
    assert found["payment"]["script"].endswith("/v3/")


def test_answers_about_goods_are_kept_for_all_until_something_changes(
    client: Client,
    mug: Product,
    kept_pages: float,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    query = '{ product(slug: "mug") { name free } }'
    english = ask(client, query, {"Accept-Language": "en"})
    with django_assert_num_queries(1):  # the version of the shop window
        assert ask(Client(), query, {"Accept-Language": "en"}) == english
    japanese = ask(client, query, {"Accept-Language": "ja"})
    assert japanese["product"]["name"] == "朝のマグカップ"

    Product.objects.update(name_en="Evening Mug")
    changed = ask(client, query, {"Accept-Language": "en"})
    assert changed["product"]["name"] == "Evening Mug"


class Recorder(Store):
    """A store that notes how long its keys are."""

    longest = 0

    def get(self, key: Hashable, *arguments: Any) -> Page:
        self.longest = max(self.longest, len(repr(key)))
        return super().get(key, *arguments)


def test_a_large_request_takes_no_more_memory_than_a_small_one(
    client: Client,
    mug: Product,
    kept_pages: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Recorder()
    monkeypatch.setattr(kept, "PAGES", store)
    query = f"{{ categories {{ slug }} }} # {'x' * 20_000}"
    ask(client, query, {"Accept": "y" * 5_000}, unused="z" * 20_000)
    assert 0 < store.longest < 300


def test_what_is_a_visitor_s_or_has_failed_is_not_kept(
    client: Client, mug: Product, kept_pages: float, settings: Settings
) -> None:
    cart = ask(client, "{ products { totalCount } cart { id } }")
    assert cart["cart"] is None
    fill(client, {"MUG-01": 1})
    assert ask(client, "{ products { totalCount } cart { id } }")["cart"]

    query = '{ product(slug: "mug") { free } }'
    settings.CATALOGUE_STOCK = "tests.api.test_requests.no_stock"
    assert faults(send(client, query)) == ["INTERNAL"]
    settings.CATALOGUE_STOCK = "inventory.selectors.free_by_sku"
    assert ask(client, query)["product"]["free"] == 10
