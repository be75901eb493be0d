"""The pages that staff write: drafts, versions, and what customers see of them."""

import pytest
from django.db import IntegrityError
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.shipping.models import PickupPlace
from shop.pages import facts
from shop.pages.errors import PageChanged
from shop.pages.markup import FACT
from shop.pages.models import PageVersion, Place
from shop.pages.selectors import find_page, list_pages, list_versions
from shop.pages.services import PageText, publish
from shop.pages.standard import STANDARD
from shop.profile.models import ShopProfile
from tests.support.shipping import make_method, make_pickup
from tests.support.shopping import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LANGUAGES = ("en", "ja")


def written(title: str = "About", **more: object) -> PageText:
    values = {
        "title_ja": f"{title}のこと",
        "title_en": title,
        "body_ja": "本文",
        "body_en": "Body",
        "place": Place.HELP,
    }
    return PageText(**{**values, **more})  # type: ignore[arg-type]


def read(client: Client, slug: str, language: str = "en") -> str:
    return text_of(client.get(f"/pages/{slug}/", headers={"Accept-Language": language}))


@pytest.mark.parametrize("slug", STANDARD)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_standard_page_has_a_draft_of_known_facts(
    client: Client, slug: str, language: str
) -> None:
    title, body = STANDARD[slug].draft(language)
    answer = client.get(f"/pages/{slug}/", headers={"Accept-Language": language})

    assert set(FACT.findall(body)) <= set(facts.names())
    assert f"<h1>{title}</h1>" in answer.content.decode()
    assert not FACT.search(answer.content.decode())
    assert len(body) > 300


def test_the_legal_notice_says_what_the_profile_says(client: Client) -> None:
    ShopProfile.objects.create(
        pk=1,
        name_ja="株式会社みなと",
        name_en="Minato K.K.",
        address_ja="東京都\n港区",
        representative_ja="港花子",
        phone="03-9999-0000",
        invoice_number="T7000012050002",
    )
    notice = read(client, "legal", "ja")

    for expected in ("株式会社みなと", "港花子", "03-9999-0000", "T7000012050002"):
        assert expected in notice
    # Nobody entered these.
    assert "受付時間" not in notice


def test_pages_say_fees_and_days_from_their_own_settings(
    client: Client, settings: Settings
) -> None:
    make_method("Parcel", rate=777, free_from_minor=9000, days_from=2, days_to=5)
    settings.RETURN_DAYS = 21
    page = read(client, "shipping")

    assert "¥777" in page
    assert "Orders of ¥9,000 or more ship free." in page
    assert "2 to 5 days after shipping" in page
    assert "within 21 days of shipping" in read(client, "returns")


def test_pick_up_places_are_listed_only_if_there_are_any(client: Client) -> None:
    assert "Pick-up places" not in read(client, "shipping")
    make_pickup("Minato")
    assert "1-2-3 Minato, Tokyo" in read(client, "shipping")
    PickupPlace.objects.update(is_active=False)
    assert "Pick-up places" not in read(client, "shipping")


def test_a_published_text_replaces_the_draft_at_once(
    client: Client, kept_pages: float
) -> None:
    draft = read(client, "faq")
    publish("faq", written("Answers"), "yuki", seen=0)

    assert "<h1>Answers</h1>" in client.get("/pages/faq/").content.decode()
    assert "Answersのこと" in read(client, "faq", "ja")
    assert "Last updated" in read(client, "faq")
    assert "Last updated" not in draft


def test_a_new_page_is_in_the_footer_and_one_taken_away_is_not(
    client: Client, kept_pages: float
) -> None:
    link = 'href="/pages/about-us/"'
    assert link not in client.get("/").content.decode()
    publish("about-us", written(), "yuki", seen=0)
    assert link in client.get("/").content.decode()
    publish("about-us", written(is_shown=False), "yuki", seen=1)

    assert link not in client.get("/").content.decode()
    assert client.get("/pages/about-us/").status_code == 404


def test_a_page_without_a_place_is_found_by_its_address_only(client: Client) -> None:
    publish("fair", written(place=Place.NOWHERE), "yuki", seen=0)

    assert client.get("/pages/fair/").status_code == 200
    assert "/pages/fair/" not in client.get("/").content.decode()


def test_of_two_writers_the_second_is_told(db: None) -> None:
    publish("faq", written("First"), "yuki", seen=0)
    with pytest.raises(PageChanged) as refused:
        publish("faq", written("Second"), "mori", seen=0)

    assert "yuki" in refused.value.sentence
    page = find_page("faq")
    assert page is not None
    assert page.titles["en"] == "First"
    with pytest.raises(PageChanged):
        publish("faq", written("Third"), "mori", seen=7)
    assert len(list_versions("faq")) == 1


def test_a_version_is_there_once() -> None:
    publish("faq", written(), "yuki", seen=0)
    with pytest.raises(IntegrityError):
        PageVersion.objects.create(slug="faq", number=1)


def test_own_pages_come_after_the_standard_ones_by_their_address() -> None:
    for slug in ("zoo", "about-us"):
        publish(slug, written(), "yuki", seen=0)

    assert [page.slug for page in list_pages()] == [*STANDARD, "about-us", "zoo"]


@pytest.mark.parametrize("slug", ["unknown", "x" * 300, "0"])
def test_an_unknown_page_is_not_found(client: Client, slug: str) -> None:
    assert client.get(f"/pages/{slug}/").status_code == 404


def test_the_name_of_the_shop_changes_at_the_next_request(
    client: Client, kept_pages: float
) -> None:
    ShopProfile.objects.create(pk=1, name_ja="a", name_en="a", shop_name_en="Old")
    assert "Old" in text_of(client.get("/"))
    ShopProfile.objects.update(shop_name_en="Renamed", phone="03-1111-2222")

    for path in ("/", "/cart/", "/pages/faq/"):
        page = client.get(path).content.decode()
        assert "Renamed</title>" in page or "Renamed" in page.split("</title>")[0]
        assert 'href="tel:03-1111-2222"' in page
        assert "Old" not in page
