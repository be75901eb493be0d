from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from checkout.shipping.table import read_table
from inventory.services import reserve
from shop.catalogue.models import Product, Variant
from shop.catalogue.selectors import PAGE_SIZE
from shop.pages.frame import read_frame
from tests.support.catalogue import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db


def slugs(response: Any) -> list[str]:
    return [card.slug for card in response.context["listing"].cards]


def make_shelf(number: int) -> None:
    for index in range(number):
        make_product(f"p{index:02}", skus=(f"P-{index:02}A", f"P-{index:02}B"))


def test_the_home_page_shows_name_price_programme_and_stock(client: Client) -> None:
    make_product("mug", units=3, programme_en="Good Morning Minato")
    text = client.get("/goods/").content.decode()
    for expected in (
        "Morning Mug",
        "¥1,800",
        "Good Morning Minato",
        "3 left",
        "Kitchen",
    ):
        assert expected in text
    assert "1 product" in text


@pytest.mark.parametrize(
    ("units", "badge"),
    [(0, "Sold out"), (1, "1 left"), (5, "5 left"), (6, "In stock")],
)
def test_the_badge_shows_the_free_units(client: Client, units: int, badge: str) -> None:
    make_product(units=units)
    assert badge in client.get("/goods/").content.decode()


def test_units_that_are_held_are_not_free(client: Client) -> None:
    make_product(units=8)
    reserve("order-1", {"MUG-01": 5}, timezone.now() + timedelta(minutes=5))
    assert "3 left" in client.get("/goods/").content.decode()


def test_free_units_of_all_variants_add_up(client: Client) -> None:
    make_product(skus=("MUG-01", "MUG-02"), units=2)
    assert "4 left" in client.get("/goods/").content.decode()


def test_a_sold_out_product_stays_visible(client: Client) -> None:
    make_product(units=0)
    assert slugs(client.get("/goods/")) == ["mug"]


def test_what_is_not_on_sale_is_not_shown(client: Client) -> None:
    make_product("mug")
    make_product("hidden", skus=("HID-01",), is_active=False)
    bare = make_product("bare", skus=("BARE-01",))
    Variant.objects.filter(product=bare).update(is_active=False)
    response = client.get("/goods/")
    assert slugs(response) == ["mug"]
    assert response.context["listing"].total == 1


def test_the_lowest_price_is_shown_when_variants_differ(client: Client) -> None:
    product = make_product(price_minor=1800)
    make_variant(product, "MUG-XL", 2400)
    assert "from ¥1,800" in client.get("/goods/").content.decode()


def test_names_follow_the_language(client: Client) -> None:
    make_product()
    text = client.get("/goods/", headers={"accept-language": "ja"}).content.decode()
    assert "朝のマグカップ" in text
    assert "￥1,800" in text
    assert '<html lang="ja">' in text


def test_a_missing_japanese_name_falls_back_to_english(client: Client) -> None:
    make_product(name_ja="")
    text = client.get("/goods/", headers={"accept-language": "ja"}).content.decode()
    assert "Morning Mug" in text


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["b", "c", "a"]),
        ("recommended", ["b", "c", "a"]),
        ("newest", ["a", "b", "c"]),
        ("price", ["c", "a", "b"]),
        ("-price", ["b", "a", "c"]),
        ("name", ["c", "a", "b"]),
        ("nonsense", ["b", "c", "a"]),
    ],
)
def test_the_list_is_sorted_as_asked(
    client: Client, sort: str, expected: list[str]
) -> None:
    now = timezone.now()
    rows = [
        ("a", "banana", 200, 3, 1),
        ("b", "Cherry", 300, 1, 2),
        ("c", "Apple", 100, 2, 3),
    ]
    for slug, name, price, position, days in rows:
        make_product(
            slug,
            skus=(f"SKU-{slug.upper()}",),
            price_minor=price,
            name_en=name,
            position=position,
            released_at=now - timedelta(days=days),
        )
    assert slugs(client.get("/goods/", {"sort": sort})) == expected


def test_new_goods_are_marked_for_thirty_days(client: Client) -> None:
    product = make_product()
    assert "new-mark" in client.get("/goods/").content.decode()
    Product.objects.update(released_at=timezone.now() - timedelta(days=30))
    product.refresh_from_db()
    assert not product.is_new
    assert "new-mark" not in client.get("/goods/").content.decode()


def test_a_category_shows_its_own_goods(client: Client) -> None:
    make_product("mug")
    make_product("tea", skus=("TEA-01",), category=make_category("food"))
    response = client.get(reverse("catalogue:category", args=["food"]))
    assert slugs(response) == ["tea"]
    assert "<h1>Food</h1>" in response.content.decode()


def test_categories_are_offered_in_their_order_with_counts(client: Client) -> None:
    make_product("mug", category=make_category("kitchen", position=2))
    make_product(
        "tea", skus=("TEA-01", "TEA-02"), category=make_category("food", position=1)
    )
    make_category("empty", position=0)
    offered = client.get("/goods/").context["categories"]
    assert [(c.slug, c.product_count) for c in offered] == [("food", 1), ("kitchen", 1)]


def test_an_empty_category_says_so_and_an_unknown_one_is_not_found(
    client: Client,
) -> None:
    make_category("empty")
    response = client.get("/c/empty/")
    assert "Nothing in this category" in response.content.decode()
    assert client.get("/c/unknown/").status_code == 404


def test_an_empty_shop_says_so(client: Client) -> None:
    assert "The shelves are empty" in client.get("/goods/").content.decode()


def test_long_lists_have_pages_that_keep_the_order(client: Client) -> None:
    make_shelf(PAGE_SIZE + 2)
    response = client.get("/goods/", {"sort": "name", "page": "2"})
    text = response.content.decode()
    assert len(response.context["listing"].cards) == 2
    assert "page 2 of 2" in text
    assert 'href="?sort=name&amp;page=1"' in text


@pytest.mark.parametrize(("page", "shown"), [("999", 2), ("0", 2), ("x", 1)])
def test_an_impossible_page_shows_one_that_exists(
    client: Client, page: str, shown: int
) -> None:
    make_shelf(PAGE_SIZE + 1)
    assert client.get("/goods/", {"page": page}).context["listing"].page.number == shown


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # Of these three are the announcements, and the version for the page and for
        # what stands around it.
        ("/goods/", 8),  # and the version again, for the limit of free shipping
        ("/goods/?sort=price", 8),
        ("/goods/?page=2", 8),
        ("/c/kitchen/", 7),
        ("/search/?q=mug", 7),
        ("/search/?q=nothing-like-it", 4),
        ("/search/", 3),
    ],
)
def test_a_list_needs_few_queries_however_long(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
) -> None:
    make_shelf(PAGE_SIZE + 2)
    # Both are kept until something in the shop window changes.
    read_table()
    read_frame()
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


def test_the_front_page_says_from_which_amount_shipping_is_free(client: Client) -> None:
    assert "Free shipping from ¥5,000" in client.get("/goods/").content.decode()


def test_the_number_found_is_announced(client: Client) -> None:
    make_product()
    text = client.get("/search/", {"q": "まぐ"}).content.decode()
    assert 'role="status"' in text
    assert "1 product found for “まぐ”" in text
    assert 'value="まぐ"' in text


def test_nothing_found_offers_ways_out(client: Client) -> None:
    make_product()
    text = client.get("/search/", {"q": "<zzz>"}).content.decode()
    assert "0 products found" in text
    assert "Nothing found for “&lt;zzz&gt;”" in text
    assert "See all goods" in text


def test_an_empty_search_asks_instead_of_listing_everything(client: Client) -> None:
    make_product()
    text = client.get("/search/", {"q": " "}).content.decode()
    assert "Morning Mug" not in text
    assert 'name="q"' in text


def test_browsers_may_store_pages_but_must_revalidate_them(client: Client) -> None:
    make_product()
    for path in ("/", "/search/?q=mug", "/p/mug/"):
        response = client.get(path)
        assert response["Cache-Control"] == "private, no-cache"
        assert "Accept-Language" in response["Vary"]
        assert "Cookie" in response["Vary"]


def test_pages_obey_the_content_security_policy(client: Client) -> None:
    make_product()
    for path in ("/", "/search/?q=zzz", "/p/mug/", "/nothing-here/"):
        response = client.get(path)
        text = response.content.decode()
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        text = text.replace('<script type="application/ld+json">', "")  # it is data
        assert text.count("<script") == text.count("<script src=")


def test_every_page_has_one_heading_and_a_skip_link(client: Client) -> None:
    make_product()
    for path in ("/", "/c/kitchen/", "/search/", "/p/mug/", "/nothing-here/"):
        text = client.get(path).content.decode()
        assert text.count("<h1") == 1
        assert 'href="#main"' in text
        assert 'id="main"' in text


def test_the_language_switch_keeps_the_page(client: Client) -> None:
    make_product()
    page = "/search/?q=mug&sort=price"
    text = client.get(page).content.decode()
    assert 'name="next" value="/search/?q=mug&amp;sort=price"' in text
    answer = client.post(reverse("set_language"), {"language": "ja", "next": page})
    assert answer["Location"] == page
    assert '<html lang="ja">' in client.get(page).content.decode()


def test_pages_refuse_other_methods_than_get(client: Client) -> None:
    assert client.post("/").status_code == 405
    assert client.head("/").status_code == 200
