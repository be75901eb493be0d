"""Which forms are accepted without a token, and from where."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from checkout.cart.models import Cart, CartLine
from shop.catalogue.models import Product
from tests.support.shopping import ADD, CART, fill, text_of

pytestmark = pytest.mark.django_db

LANGUAGE = "/i18n/setlang/"
MUG = {"sku": "MUG-01", "quantity": "2"}
JAPANESE = {"language": "ja", "next": "/"}
OWN = "http://testserver"
# Each by itself shows that the form is of this shop's own page.
PROOFS = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": OWN},
    {"Sec-Fetch-Site": "same-origin", "Origin": OWN},
    {"HX-Request": "true"},
]
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://testserver"},
    {"Origin": OWN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example", "HX-Request": "true"},
    {"Sec-Fetch-Site": "cross-site", "HX-Request": "true"},
]


@pytest.fixture
def browser() -> Client:
    """A client whose forms are checked as in the shop."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("headers", PROOFS, ids=str)
def test_goods_are_added_from_the_shop_s_own_pages_without_a_token(
    browser: Client, mug: Product, headers: dict[str, str]
) -> None:
    answer = browser.post(ADD, MUG, headers=headers)

    assert answer.status_code in (200, 303)
    assert CartLine.objects.get().quantity == 2


@pytest.mark.parametrize("headers", PROOFS, ids=str)
def test_the_language_is_chosen_on_own_pages_without_a_token(
    browser: Client, mug: Product, headers: dict[str, str]
) -> None:
    assert browser.post(LANGUAGE, JAPANESE, headers=headers).status_code == 302
    assert '<html lang="ja">' in browser.get("/").content.decode()


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize(("path", "fields"), [(ADD, MUG), (LANGUAGE, JAPANESE)])
def test_forms_of_other_sites_are_refused(
    browser: Client,
    mug: Product,
    path: str,
    fields: dict[str, str],
    headers: dict[str, str],
) -> None:
    answer = browser.post(path, fields, headers=headers)

    assert answer.status_code == 403
    assert "The form was not accepted" in text_of(answer)
    assert "cart" not in answer.cookies
    assert "django_language" not in answer.cookies
    assert not Cart.objects.exists()


def test_a_browser_that_says_nothing_is_asked_to_confirm(
    browser: Client, mug: Product
) -> None:
    asked = browser.post(ADD, {**MUG, "note": "<b>"})
    text = asked.content.decode()
    assert asked.status_code == 403
    assert "Please confirm" in text
    assert not Cart.objects.exists()
    assert "<b>" not in text

    # What the form of that page sends.
    form = text[text.index(f'action="{ADD}"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    answer = browser.post(ADD, dict(found))

    assert answer.status_code == 303
    assert CartLine.objects.get().quantity == 2


def test_a_confirmation_without_its_cookie_asks_again(
    browser: Client, mug: Product
) -> None:
    text = browser.post(ADD, MUG).content.decode()
    token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', text)[0]
    browser.cookies.clear()
    answer = browser.post(ADD, {**MUG, "csrfmiddlewaretoken": token})

    assert answer.status_code == 403
    assert not Cart.objects.exists()


@pytest.mark.parametrize("headers", PROOFS, ids=str)
@pytest.mark.parametrize(
    "path", ["/cart/1/remove/", "/checkout/information/", "/cart/restore/"]
)
def test_everything_else_still_needs_a_token(
    browser: Client, mug: Product, path: str, headers: dict[str, str]
) -> None:
    browser.post(ADD, MUG, headers={"Origin": OWN})
    answer = browser.post(path, {}, headers=headers)

    assert answer.status_code == 403
    assert CartLine.objects.get().quantity == 2


def test_only_forms_of_small_harm_need_no_token() -> None:
    def views(resolver: URLResolver) -> list[URLPattern]:
        found: list[URLPattern] = []
        for each in resolver.url_patterns:
            found += views(each) if isinstance(each, URLResolver) else [each]
        return found

    free = {
        pattern.name
        for pattern in views(get_resolver())
        if hasattr(pattern.callback, "accepts_own_pages")
    }
    assert free == {"cart_add", "restock", "set_language"}


def test_a_page_with_a_form_that_needs_a_token_has_one(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    assert "csrfmiddlewaretoken" in client.get(CART).content.decode()
