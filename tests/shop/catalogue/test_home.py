"""The home page: the banner that is due, programmes, featured and new goods."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.catalogue.home import FEATURED, NEWEST, read_home
from shop.catalogue.models import HomeBanner, Product
from shop.catalogue.models.banner import validate_link
from tests.support.catalogue import make_product
from tests.support.shopping import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_shelf(number: int) -> None:
    now = timezone.now()
    for index in range(number):
        make_product(
            f"p{index:02}",
            skus=(f"P-{index:02}",),
            pictures=0,
            position=index,
            released_at=now - timedelta(days=number - index),
        )


def test_featured_goods_come_first_and_others_fill_the_row() -> None:
    make_shelf(FEATURED + 3)
    Product.objects.filter(slug__in=["p05", "p12"]).update(is_featured=True)
    home = read_home()

    slugs = [card.slug for card in home.featured]
    assert slugs[:4] == ["p05", "p12", "p00", "p01"]
    assert len(slugs) == FEATURED
    assert [card.slug for card in home.newest] == ["p12", "p11", "p10", "p09", "p08"]
    assert len(home.newest) == NEWEST


def test_programmes_with_the_most_goods_are_offered() -> None:
    for slug, programme in (("a", "Morning"), ("b", "Night"), ("c", "Night")):
        make_product(
            slug,
            skus=(slug.upper(),),
            programme_en=programme,
            programme_ja=f"{programme}番組",
        )
    make_product("d", skus=("D",), programme_en="", programme_ja="")
    programmes = read_home().programmes

    assert [(each.name, each.count) for each in programmes] == [
        ("Night", 2),
        ("Morning", 1),
    ]
    assert programmes[0].picture is not None
    assert programmes[0].url == "/search/?q=Night"


def test_the_banner_that_is_due_is_shown(client: Client) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    plan = [
        ("Over", -2 * hour, -hour),
        ("Later", hour, None),
        ("Now", -hour, hour),
        ("Always", None, None),
    ]
    for position, (title, start, end) in enumerate(plan):
        HomeBanner.objects.create(
            title_en=title,
            title_ja=title,
            starts_at=now + start if start is not None else None,
            ends_at=now + end if end is not None else None,
            position=position,
        )

    page = client.get("/").content.decode()
    assert '<h1 id="hero">Now</h1>' in page
    HomeBanner.objects.filter(title_en="Now").update(is_active=False)
    assert '<h1 id="hero">Always</h1>' in client.get("/").content.decode()


def test_without_a_banner_the_shop_itself_is_shown(client: Client) -> None:
    page = client.get("/").content.decode()

    assert '<h1 id="hero">Minato TV Shop</h1>' in page
    assert "The shelves are empty" in page


def test_a_banner_ends_after_it_begins() -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError):
        HomeBanner.objects.create(
            title_en="A", title_ja="A", starts_at=now, ends_at=now
        )


@pytest.mark.parametrize(
    ("link", "is_good"),
    [("/c/kitchen/", True), ("https://a.example/b?c=d", True), ("//a.example", False),
     ("/\\a.example", False), ("javascript:alert(1)", False), ("http://a.b", False),
     ("goods", False), ('/"><b>', False)],
)  # fmt: skip
def test_a_button_leads_to_the_shop_or_to_a_secure_address(
    link: str, is_good: bool
) -> None:
    if is_good:
        validate_link(link)
    else:
        with pytest.raises(ValidationError):
            validate_link(link)


@pytest.mark.parametrize(
    "query", ["?sort=newest", "?page=2&sort=price", "?sort=%22%3E&utm=1"]
)
def test_old_addresses_of_the_list_lead_to_it(client: Client, query: str) -> None:
    answer = client.get(f"/{query}")

    assert (answer.status_code, answer["Location"]) == (302, f"/goods/{query}")


def test_the_home_page_needs_few_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_shelf(FEATURED + 3)
    client.get("/")
    with django_assert_max_num_queries(14):
        client.get("/")


def test_the_header_leads_to_every_category(client: Client) -> None:
    make_product()

    assert 'href="/c/kitchen/"' in client.get("/cart/").content.decode()
    assert "Cart: empty" in text_of(client.get("/cart/"))
