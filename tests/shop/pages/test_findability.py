"""Search engines find every page once in each language, and read what is true."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from shop.catalogue.models import Product, Variant
from shop.pages.services import PageText, publish
from tests.support.catalogue import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db
SITE = "https://shop.example"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_URL = SITE


def links(page: str, relation: str) -> list[str]:
    return re.findall(rf'<link rel="{relation}"[^>]* href="([^"]+)"', page)


def data_of(client: Client, path: str) -> list[dict[str, Any]]:
    page = client.get(path).content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found is not None
    loaded: list[dict[str, Any]] = json.loads(found[1])
    return loaded


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/p/mug/", "/p/mug/"),
        ("/p/mug/?utm_source=x", "/p/mug/"),
        ("/p/mug/?lang=ja", "/p/mug/?lang=ja"),
        ("/p/mug/?lang=xx", "/p/mug/"),
        ("/goods/?sort=price&page=2", "/goods/?page=2"),
        ("/goods/?page=1", "/goods/"),
        ("/goods/?page=%22%3E", "/goods/"),
        ("/", "/"),
        ("/pages/legal/", "/pages/legal/"),
    ],
)
def test_a_page_names_the_address_that_counts(
    client: Client, mug: Product, path: str, canonical: str
) -> None:
    page = client.get(path).content.decode()

    assert links(page, "canonical") == [f"{SITE}{canonical}"]


def test_a_page_names_its_translations_and_they_are_in_that_language(
    client: Client, mug: Product
) -> None:
    page = client.get("/p/mug/").content.decode()
    found = dict(
        re.findall(r'hreflang="([^"]+)" href="https://shop.example([^"]+)"', page)
    )

    assert set(found) == {"en", "ja", "x-default"}
    for language in ("en", "ja"):
        answer = Client().get(found[language], headers={"Accept-Language": "fr"})
        assert f'<html lang="{language}">' in answer.content.decode()


def test_pages_of_persons_name_no_address(client: Client) -> None:
    assert links(client.get("/cart/").content.decode(), "canonical") == []


@pytest.mark.parametrize("is_kept", [True, False])
def test_who_comes_by_an_address_with_a_language_keeps_it(
    client: Client, mug: Product, settings: Settings, is_kept: bool
) -> None:
    settings.GUEST_PAGE_SECONDS = 600.0 if is_kept else 0.0
    Client().get("/p/mug/?lang=ja")
    client.get("/p/mug/?lang=ja", headers={"Accept-Language": "en"})

    for path in ("/", "/cart/"):
        page = client.get(path, headers={"Accept-Language": "en"}).content.decode()
        assert '<html lang="ja">' in page
    page = client.get("/cart/?lang=en").content.decode()
    assert '<html lang="en">' in page
    assert 'name="next" value="/cart/"' in page, "or the switch would change nothing"


def test_the_sitemap_has_every_page_that_customers_may_find(
    client: Client, mug: Product
) -> None:
    make_product("hidden", skus=("HID-01",), is_active=False)
    make_category("empty")
    text = PageText("題", "About", "本文", "Body", "help")
    publish("about-us", text, "yuki", seen=0)
    answer = client.get("/sitemap.xml")
    root = ElementTree.fromstring(answer.content)  # noqa: S314 (our own)
    found = [url.findtext(f"{MAP}loc") for url in root]

    assert answer["Content-Type"] == "application/xml"
    for path in ("/", "/goods/", "/c/kitchen/", "/p/mug/", "/pages/about-us/"):
        assert f"{SITE}{path}" in found
    assert not {f"{SITE}/p/hidden/", f"{SITE}/c/empty/"} & set(found)
    assert len(found) == len(set(found))
    for url in found:
        assert client.get(str(url).removeprefix(SITE)).status_code == 200
    assert f"Sitemap: {SITE}/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_a_product_is_described_with_price_and_stock(client: Client) -> None:
    product = make_product(units=0)
    make_variant(product, "MUG-XL", 2400, units=3)
    described, path = data_of(client, "/p/mug/")

    assert (described["@type"], described["name"]) == ("Product", "Morning Mug")
    assert [
        (one["sku"], one["price"], one["priceCurrency"], one["availability"])
        for one in described["offers"]
    ] == [
        ("MUG-01", "1800", "JPY", "https://schema.org/OutOfStock"),
        ("MUG-XL", "2400", "JPY", "https://schema.org/InStock"),
    ]
    assert all(image.startswith(f"{SITE}/media/") for image in described["image"])
    assert [each["item"] for each in path["itemListElement"]] == [
        f"{SITE}/goods/",
        f"{SITE}/c/kitchen/",
        f"{SITE}/p/mug/",
    ]


def test_a_price_in_cents_is_written_with_a_point(client: Client, mug: Product) -> None:
    Variant.objects.update(price_minor=123456, currency="USD")

    assert data_of(client, "/p/mug/")[0]["offers"][0]["price"] == "1234.56"


def test_no_text_of_a_product_ends_the_data(client: Client, mug: Product) -> None:
    nasty = '</script><script>alert("x")</script>&<!--'
    Product.objects.update(name_en=nasty, description_en=nasty)
    page = client.get("/p/mug/").content.decode()

    assert data_of(client, "/p/mug/")[0]["name"] == nasty
    assert "<script>alert" not in page


def test_a_shared_product_has_title_and_picture(client: Client, mug: Product) -> None:
    page = client.get("/p/mug/").content.decode()

    assert '<meta property="og:title" content="Morning Mug">' in page
    assert f'property="og:image" content="{SITE}/media/' in page
    assert f'property="og:url" content="{SITE}/p/mug/"' in page


def test_the_feed_has_new_goods_in_the_language_of_its_reader(
    client: Client, mug: Product
) -> None:
    answer = client.get("/new.atom?lang=ja")
    root = ElementTree.fromstring(answer.content)  # noqa: S314 (our own)
    (entry,) = root.findall(f"{ATOM}entry")

    assert answer["Content-Type"].startswith("application/atom+xml")
    assert entry.findtext(f"{ATOM}title") == "朝のマグカップ"
    assert entry.findtext(f"{ATOM}id") == f"{SITE}/p/mug/"
    assert "みなと TV ショップ" in str(root.findtext(f"{ATOM}title"))
