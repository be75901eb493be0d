"""Kept pages are what a page made for the visitor would be, and nobody else's."""

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from checkout.announcements.services import lift, put_up
from checkout.cart.models import Cart, CartLine
from inventory.services import adjust
from shop.catalogue.models import Category, Picture, Product, Variant
from shop.page_cache.store import PAGES
from tests.support.catalogue import make_product
from tests.support.shipping import close_for_days, make_method
from tests.support.shopping import ADD, CART, fill, text_of

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("kept_pages"),
]

MIDDLEWARE = "shop.catalogue.guest_pages.GuestPages"
PATHS = ["/", "/goods/?sort=price&page=1", "/c/kitchen/", "/search/?q=mug", "/p/mug/"]
LANGUAGES = ["en", "ja"]
# Only kept pages have an ETag, because it is made once. Each answer has its own id.
NOT_COMPARED = {"ETag", "X-Request-ID"}

Answer = Any
GetUncached = Callable[..., Answer]


@pytest.fixture(autouse=True)
def far_deadline(db: None) -> None:
    close_for_days()


@pytest.fixture
def uncached(settings: Settings) -> GetUncached:
    """Get a page as it is made without the cache, for the visitor with the cookies."""

    def get(path: str, like: Client | None = None, **options: Any) -> Answer:
        before = settings.MIDDLEWARE
        settings.MIDDLEWARE = [each for each in before if each != MIDDLEWARE]
        fresh = Client()
        if like is not None:
            fresh.cookies.update(like.cookies)
        answer = fresh.get(path, **options)
        settings.MIDDLEWARE = before
        return answer

    return get


def headers_of(answer: Answer) -> dict[str, object]:
    found: dict[str, object] = {
        name: value for name, value in answer.items() if name not in NOT_COMPARED
    }
    vary = str(found.pop("Vary")).split(",")
    return {**found, "vary": sorted(name.strip() for name in vary)}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("has_cart", [False, True])
def test_a_kept_page_is_the_page_that_would_be_made(
    uncached: GetUncached, mug: Product, path: str, language: str, has_cart: bool
) -> None:
    visitor, headers = Client(), {"Accept-Language": language}
    if has_cart:
        fill(visitor, {"MUG-01": 2})
        visitor.get(CART)  # shows the message that goods were added
    first = Client().get(path, headers=headers)
    kept = visitor.get(path, headers=headers)
    made = uncached(path, visitor, headers=headers)

    assert kept.content == made.content
    assert headers_of(kept) == headers_of(made)
    assert kept["X-Request-ID"] != first["X-Request-ID"]
    assert kept.status_code == made.status_code == 200
    assert not kept.cookies


def test_headers_of_secure_connections_are_the_same(
    uncached: GetUncached, mug: Product, settings: Settings
) -> None:
    settings.SECURE_HSTS_SECONDS = 1000
    settings.SECURE_SSL_REDIRECT = True
    Client().get("/", secure=True)
    kept, made = Client().get("/", secure=True), uncached("/", secure=True)

    assert headers_of(kept) == headers_of(made)
    assert "max-age=1000" in kept["Strict-Transport-Security"]
    for name in ("Content-Security-Policy", "X-Frame-Options", "Referrer-Policy"):
        assert kept[name]
    assert kept["X-Content-Type-Options"] == "nosniff"
    refused = Client().get("/")
    assert (refused.status_code, refused["Location"]) == (301, "https://testserver/")


def test_a_kept_page_takes_one_query(
    client: Client, mug: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for path in PATHS:
        client.get(path)
        with django_assert_num_queries(1):
            client.get(path)


def test_a_kept_page_with_a_cart_takes_two_queries(
    client: Client, mug: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(client, {"MUG-01": 2})
    client.get(CART)
    client.get("/")
    with django_assert_num_queries(2):
        assert "Cart: 2 items, ¥3,600" in text_of(client.get("/"))


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a b"])
def test_other_hosts_are_refused_on_kept_pages(
    client: Client, mug: Product, host: str
) -> None:
    client.get("/")
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_requests_that_cannot_be_read_are_refused_on_kept_pages(
    client: Client, mug: Product
) -> None:
    client.get("/")
    assert client.get("/", headers={"X-Note": "\x01"}).status_code == 400
    assert client.get("/search/?q=%00").status_code == 400


# --- what is shown is true -----------------------------------------------------------


def up(message: str) -> Callable[[], object]:
    return lambda: put_up("yuki", "a move", (message, message))


def set_price() -> object:
    return Variant.objects.update(price_minor=2345)


EDITS: dict[str, tuple[str, Callable[[], object], str]] = {
    "price": ("/p/mug/", set_price, "¥2,345"),
    "price in a list": ("/", set_price, "¥2,345"),
    "name": (
        "/search/?q=mug",
        lambda: Product.objects.update(name_en="New"),
        ">New</a>",
    ),
    "text": ("/p/mug/", lambda: Product.objects.update(description_en="Red"), "Red"),
    "picture": ("/p/mug/", lambda: Picture.objects.update(alt_en="Side"), "Side"),
    "category": ("/c/kitchen/", lambda: Category.objects.update(name_en="K"), ">K "),
    "banner": ("/", up("Back at nine."), "Back at nine."),
    "shipping": (
        "/",
        lambda: make_method(free_from_minor=7777),
        "¥7,777",
    ),
    "another product": ("/", lambda: make_product("b", skus=("B-1",)), "/p/b/"),
}


@pytest.mark.parametrize("edit", list(EDITS))
def test_what_was_edited_shows_at_the_next_request(
    client: Client, mug: Product, edit: str
) -> None:
    path, change, expected = EDITS[edit]
    assert expected not in text_of(client.get(path))
    before = client.get(path)["ETag"]
    change()

    assert expected in text_of(client.get(path))
    assert client.get(path)["ETag"] != before


def test_what_goes_off_sale_is_gone_at_the_next_request(
    client: Client, mug: Product
) -> None:
    client.get("/p/mug/")
    Product.objects.update(is_active=False)
    assert client.get("/p/mug/").status_code == 404
    Product.objects.update(is_active=True)
    assert client.get("/p/mug/").status_code == 200


def test_a_lifted_banner_is_gone_at_the_next_request(
    client: Client, mug: Product
) -> None:
    row = put_up("yuki", "a move", ("Back at nine.", "九時"))
    assert "Back at nine." in text_of(client.get("/"))
    lift(row, "yuki", "over")
    assert "Back at nine." not in text_of(client.get("/"))


def test_stock_shows_when_the_page_is_made_again(
    client: Client, mug: Product, settings: Settings
) -> None:
    assert "In stock" in text_of(client.get("/p/mug/"))
    adjust("MUG-01", -7, note="broken", actor="yuki", reference="a-1")
    assert "In stock" in text_of(client.get("/p/mug/"))
    # Of real pages this is two seconds later.
    settings.GUEST_PAGE_SECONDS = 0.0
    assert "3 left" in text_of(client.get("/p/mug/"))


def test_pages_are_kept_for_at_most_two_seconds() -> None:
    from shop import settings as product  # noqa: PLC0415 (not the settings of tests)

    assert product.GUEST_PAGE_SECONDS <= 2.0


# --- nobody else's -------------------------------------------------------------------


def test_a_cart_is_shown_to_its_visitor_alone(mug: Product) -> None:
    alice, bob, carol = Client(), Client(), Client()
    fill(alice, {"MUG-01": 2})
    fill(bob, {"MUG-01": 1})
    for visitor in (alice, bob):
        visitor.get(CART)
    for path in PATHS:
        assert "Cart: 2 items, ¥3,600" in text_of(alice.get(path))
        assert "Cart: 1 item, ¥1,800" in text_of(bob.get(path))
        assert "Cart: empty" in text_of(carol.get(path))


@pytest.mark.parametrize("path", [*PATHS, "/p/not-there/", "/c/not-there/"])
def test_no_mark_of_a_visitor_s_part_is_ever_sent(mug: Product, path: str) -> None:
    visitor = Client()
    fill(visitor, {"MUG-01": 2})
    for client in (Client(), visitor):
        assert b"visitor-part" not in client.get(path).content


def test_a_page_that_is_not_found_shows_the_visitor_s_cart(mug: Product) -> None:
    visitor = Client()
    fill(visitor, {"MUG-01": 2})
    visitor.get(CART)
    answer = visitor.get("/p/not-there/")

    assert answer.status_code == 404
    assert "ETag" not in answer
    assert "Cart: 2 items, ¥3,600" in text_of(answer)
    assert "Cart: empty" in text_of(Client().get("/p/not-there/"))


def test_a_message_is_shown_once_and_to_its_visitor_alone(
    client: Client, mug: Product
) -> None:
    client.get("/p/mug/")
    client.post(ADD, {"sku": "MUG-01", "quantity": 50})
    told = client.get("/p/mug/")
    assert "notice bad" in told.content.decode()
    for _ in range(2):
        assert "notice bad" not in client.get("/p/mug/").content.decode()
        assert "notice bad" not in Client().get("/p/mug/").content.decode()


def test_staff_who_have_signed_in_get_pages_of_their_own(
    admin_client: Client, mug: Product, django_assert_num_queries: Any
) -> None:
    Client().get("/")
    size = PAGES.size
    answer = admin_client.get("/p/mug/")
    assert answer.status_code == 200
    assert "ETag" not in answer
    assert PAGES.size == size


def test_no_cookie_reaches_the_page_that_is_kept(mug: Product) -> None:
    visitor = Client()
    fill(visitor, {"MUG-01": 2})
    visitor.get(CART)
    visitor.cookies["csrftoken"] = "a" * 32
    visitor.cookies["theme"] = "dark"
    answer = visitor.get("/")
    request = answer.context["request"]

    assert request.COOKIES == {}
    assert {name for name in request.META if name.startswith("HTTP_")} <= {
        "HTTP_HOST",
        "HTTP_ACCEPT_LANGUAGE",
    }


def test_no_token_and_no_cookie_is_on_a_kept_page(mug: Product) -> None:
    for path in PATHS:
        answer = Client().get(path)
        assert not answer.cookies
        assert "csrf" not in answer.content.decode()


@pytest.mark.parametrize("by", ["header", "cookie", "switch"])
def test_each_visitor_gets_the_own_language(mug: Product, by: str) -> None:
    english, japanese = Client(), Client()
    headers = {"Accept-Language": "ja-JP,ja;q=0.9"} if by == "header" else {}
    if by == "cookie":
        japanese.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "ja"
    if by == "switch":
        japanese.post(reverse("set_language"), {"language": "ja", "next": "/"})
    for _ in range(2):
        assert '<html lang="en">' in english.get("/").content.decode()
        answer = japanese.get("/", headers=headers)
        assert '<html lang="ja">' in answer.content.decode()
        assert answer["Content-Language"] == "ja"


def test_other_sites_and_schemes_get_pages_of_their_own(
    mug: Product, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["a.example", "b.example"]
    for host in settings.ALLOWED_HOSTS:
        for secure in (False, True):
            answer = Client().get("/", headers={"Host": host}, secure=secure)
            request = answer.wsgi_request
            assert (request.get_host(), request.is_secure()) == (host, secure)
            assert answer.status_code == 200
    made = PAGES.size
    Client().get("/", headers={"Host": "a.example"})
    assert PAGES.size == made


# --- codings and tags ----------------------------------------------------------------


@pytest.mark.parametrize("has_cart", [False, True])
def test_a_page_is_sent_in_the_best_coding_that_the_browser_takes(
    mug: Product, has_cart: bool
) -> None:
    visitor = Client()
    if has_cart:
        fill(visitor, {"MUG-01": 2})
        visitor.get(CART)
    plain = visitor.get("/")
    assert "Content-Encoding" not in plain
    for accepted in ("gzip", "gzip, deflate, br"):
        answer = visitor.get("/", headers={"Accept-Encoding": accepted})
        coding = answer["Content-Encoding"]
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}[coding]
        assert unpack(answer.content) == plain.content
        assert answer["Content-Length"] == str(len(answer.content))
        assert len(answer.content) < len(plain.content) / 2
        assert coding == ("br" if "br" in accepted and not has_cart else "gzip")


@pytest.mark.parametrize("has_cart", [False, True])
def test_an_unchanged_page_is_not_sent_again(mug: Product, has_cart: bool) -> None:
    visitor = Client()
    if has_cart:
        fill(visitor, {"MUG-01": 2})
        visitor.get(CART)
    tag = visitor.get("/", headers={"Accept-Encoding": "br"})["ETag"]
    PAGES.clear()  # another process, or two seconds later
    answer = visitor.get("/", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == tag
    assert "Cookie" in answer["Vary"]
    assert answer["Cache-Control"] == "private, no-cache"


def test_a_browser_with_another_cart_is_sent_the_page(mug: Product) -> None:
    visitor = Client()
    guest = visitor.get("/")["ETag"]
    fill(visitor, {"MUG-01": 2})
    visitor.get(CART)
    answer = visitor.get("/", headers={"If-None-Match": guest})
    assert answer.status_code == 200
    CartLine.objects.update(quantity=3)
    answer = visitor.get("/", headers={"If-None-Match": answer["ETag"]})
    assert "Cart: 3 items, ¥5,400" in text_of(answer)
    Cart.objects.update(state=Cart.State.CLOSED)
    # The cart is empty: the page is a guest's again.
    assert visitor.get("/", headers={"If-None-Match": guest}).status_code == 304


def test_a_head_request_gets_the_headers(client: Client, mug: Product) -> None:
    page, head = client.get("/"), client.head("/")

    assert head.content == b""
    assert head["ETag"] == page["ETag"]
    assert head["Content-Length"] == page["Content-Length"]
