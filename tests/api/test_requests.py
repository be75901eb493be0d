"""Which requests are answered at all, and what becomes of the others."""

import hashlib
import json
from typing import Any

import pytest
from django.conf import settings as shop
from django.test import Client
from graphql import parse
from pytest_django.fixtures import Settings

from api import http, limits
from api.schema import CORE
from checkout.cart.models import Cart
from shop.catalogue.models import Product
from tests.conftest import Clock
from tests.support.api import ADD, ADDRESS, ask, faults, send
from tests.support.shopping import fill

NAMES = "{ products { nodes { slug } } }"


def _fragments(number: int) -> str:
    """Return fragments of which each is spread twice in the one before."""
    parts = [
        f"fragment F{one} on Product {{ ...F{one + 1} ...F{one + 1} }}"
        for one in range(number)
    ]
    last = f"fragment F{number} on Product {{ slug name }}"
    return " ".join(["{ products { nodes { ...F0 } } }", *parts, last])


def _types_of_types(number: int) -> str:
    inside = f"{'{ ofType ' * number} {{ name }} {'} ' * number}"
    return f'{{ __type(name: "Cart") {{ fields {{ type {inside} }} }} }}'


HOSTILE = {
    "a mutation as a list": ("[" * 5_000, "NOT_JSON"),
    "too many aliases": (
        f"{{ {' '.join(f'a{one}: categories {{ slug }}' for one in range(21))} }}",
        "TOO_MANY_ALIASES",
    ),
    "too many tokens": (f"{{ {'__typename ' * 2_001} }}", "INVALID"),
    "too many rows": (
        """{ products(first: 100) { nodes { variants { options { option value }
        picture { src srcset thumbnail width height alt } price { minor text } }
        pictures { src srcset thumbnail width height alt } } } }""",
        "TOO_EXPENSIVE",
    ),
    "twice as many rows by fragments": (_fragments(30), "TOO_EXPENSIVE"),
    "fragments in a circle": (
        """{ products { nodes { ...A } } } fragment A on Product { ...B }
        fragment B on Product { ...A }""",
        "INVALID",
    ),
    "a deep introspection": (_types_of_types(20), "TOO_DEEP"),
    "a wide introspection": (
        "{ __schema { types "
        + "{ fields { type " * 4
        + "{ name }"
        + " } }" * 4
        + " } }",
        "INVALID",
    ),
    "the same field many times": (f"{{ {'shop { name } ' * 400} }}", "INVALID"),
    "an amount below nothing": (
        "{ products(filter: {priceFrom: -1}) { totalCount } }",
        "INVALID",
    ),
    "two operations": (f"query A {NAMES} query B {NAMES}", "TOO_MANY_OPERATIONS"),
    "a character that PostgreSQL cannot store": (
        '{ products(search: "\\u0000") { nodes { slug } } }',
        "NUL",
    ),
    "unknown fields": ("{ " + " ".join(f"x{n}" for n in range(400)) + " }", "INVALID"),
    "nothing": ("", "QUERY_MISSING"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_before_anything_is_read(
    client: Client, name: str, django_assert_num_queries: Any, db: None
) -> None:
    text, code = HOSTILE[name]
    with django_assert_num_queries(0):
        answer = (
            client.post(ADDRESS, text, content_type="application/json")
            if code == "NOT_JSON"
            else send(client, text)
        )
    assert answer.status_code == 400
    assert set(faults(answer)) == {code}
    assert len(answer.content) < 5_000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "NOT_JSON"),
        (b"\xff", 400, "NOT_JSON"),
        (b"[]", 400, "BATCH"),
        (b"1", 400, "NOT_AN_OBJECT"),
        (b'{"query": "{ shop { name } }", "variables": []}', 200, ""),
        (b'{"query": "{ shop { name } }", "variables": [1]}', 400, "NOT_AN_OBJECT"),
        (b'{"query": "{ shop { name } }", "operationName": 1}', 400, "NOT_AN_OBJECT"),
        (b'{"query": 1}', 400, "QUERY_MISSING"),
        (b'{"query": "{ shop { name } }", "x": "\\ud800"}', 400, "NUL"),
        (b'{"query": "{ shop { name } }", "x": "\\u0000"}', 400, "NUL"),
        (b'"' + b"a" * http.MOST_BYTES, 413, "BODY_TOO_LARGE"),
    ],
)
def test_bodies_that_are_no_request_are_refused(
    client: Client, db: None, body: bytes, status: int, code: str
) -> None:
    answer = client.post(ADDRESS, body, content_type="application/json")
    assert answer.status_code == status
    assert faults(answer) == ([code] if code else [])


def test_only_json_is_read_and_only_by_post(client: Client, db: None) -> None:
    form = client.post(ADDRESS, {"query": NAMES})
    page = client.get(ADDRESS, {"query": NAMES})
    assert (form.status_code, faults(form)) == (415, ["CONTENT_TYPE"])
    assert (page.status_code, faults(page)) == (405, ["METHOD"])


def test_the_cost_follows_the_variables(client: Client, mug: Product) -> None:
    query = """query($first: Int!) { products(first: $first) { nodes {
      variants { sku price { minor text } options { option value } } } } }"""
    assert limits.MOST_COST == 10_000
    assert faults(send(client, query, first=20)) == []
    assert faults(send(client, query, first=100)) == []
    huge = query.replace("sku", "sku picture { src alt srcset width height thumbnail }")
    huge = huge.replace("options", "name label free priceBefore { minor text } options")
    for hundred in (100, 100.0):
        assert faults(send(client, huge, first=hundred)) == ["TOO_EXPENSIVE"]
    silent = huge.replace("Int!", "Int! = 100")
    assert faults(send(client, silent)) == ["TOO_EXPENSIVE"]
    assert faults(send(client, silent, first=2)) == []
    assert faults(send(client, huge, first=20)) == []


def test_each_field_of_a_mutation_costs_what_writing_costs() -> None:
    one = parse("mutation { a: removeCoupon { __typename } }")
    two = parse("""mutation { a: removeCoupon { __typename } ...B }
    fragment B on Mutation { b: removeCoupon { __typename } }""")
    cost = limits.cost_of(one, CORE, {})
    assert cost > 100
    assert limits.cost_of(two, CORE, {}) == 2 * cost


def test_the_schema_is_read_only_where_the_setting_lets_it(
    client: Client, settings: Settings, db: None
) -> None:
    query = "{ __schema { queryType { name } } }"
    settings.API_INTROSPECTION = False
    assert set(faults(send(client, query))) == {"INVALID"}
    misspelt = "{ shop { nam } }"
    assert b"Did you mean" not in send(client, misspelt).content
    settings.API_INTROSPECTION = True
    assert b"Did you mean" in send(client, misspelt).content
    assert ask(client, query)["__schema"]["queryType"]["name"] == "Query"


def test_what_fails_inside_is_not_told(
    client: Client, mug: Product, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.CATALOGUE_STOCK = "tests.api.test_requests.no_stock"
    answer = send(client, '{ product(slug: "mug") { free } }')
    assert faults(answer) == ["INTERNAL"]
    assert b"secret" not in answer.content
    assert "a secret of the stock" in caplog.text


def no_stock(_skus: object) -> dict[str, int]:
    message = "a secret of the stock"
    raise RuntimeError(message)


def test_a_document_is_sent_once_and_then_named(client: Client, mug: Product) -> None:
    digest = hashlib.sha256(NAMES.encode()).hexdigest()
    named = {"persistedQuery": {"version": 1, "sha256Hash": digest}}

    def persisted(**more: Any) -> Any:
        body = json.dumps({"extensions": named, **more})
        return client.post(ADDRESS, body, content_type="application/json")

    assert faults(persisted()) == ["PERSISTED_QUERY_NOT_FOUND"]
    assert faults(persisted(query="{ shop { name } }")) == ["PERSISTED_QUERY_INVALID"]
    assert faults(persisted(query=NAMES)) == []
    assert persisted().json()["data"]["products"]["nodes"] == [{"slug": "mug"}]


# Where a request comes from.
OWN = {"Sec-Fetch-Site": "same-origin"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}


@pytest.fixture
def strict() -> Client:
    """A client whose requests are checked, as a browser's are."""
    return Client(enforce_csrf_checks=True)


def test_cookies_count_for_pages_of_the_shop_only(
    strict: Client, client: Client, mug: Product
) -> None:
    cart = fill(client, {"MUG-01": 2})
    strict.cookies = client.cookies
    query = "{ cart { id } }"

    assert ask(strict, query, OWN)["cart"] == {"id": str(cart.uid)}
    for headers in (ELSEWHERE, {}, {"X-CSRFToken": "wrong"}):
        answer = send(strict, query, headers)
        assert (answer.status_code, faults(answer)) == (403, ["CSRF"])


def test_the_token_of_the_cookie_is_a_proof_as_well(
    strict: Client, mug: Product
) -> None:
    strict.get("/checkout/information/")
    token = "a" * 32
    strict.cookies[shop.CSRF_COOKIE_NAME] = token
    answer = ask(strict, ADD, {"X-CSRFToken": token}, sku="MUG-01", quantity=1)
    assert strict.cookies["cart"].value
    assert answer["answer"]["id"] == str(Cart.objects.get().uid)


def test_a_client_elsewhere_gets_no_cookie_and_names_its_cart(
    strict: Client, mug: Product
) -> None:
    first = ask(strict, ADD, ELSEWHERE, sku="MUG-01", quantity=1)["answer"]
    again = ask(strict, ADD, ELSEWHERE, sku="MUG-01", quantity=1, cart=first["id"])
    assert "cart" not in strict.cookies
    assert again["answer"]["quote"]["count"] == 2
    unknown = "00000000-0000-4000-8000-000000000000"
    lost = ask(strict, ADD, ELSEWHERE, sku="MUG-01", quantity=1, cart=unknown)
    assert lost["answer"]["code"] == "CART_UNKNOWN"


def test_pages_of_permitted_origins_may_read_answers(
    client: Client, settings: Settings, mug: Product
) -> None:
    settings.API_ORIGINS = ["https://www.example.com"]
    permitted = {"Origin": "https://www.example.com"}
    name = "Access-Control-Allow-Origin"

    asked = client.options(ADDRESS, headers=permitted)
    assert asked[name] == "https://www.example.com"
    assert "Content-Type" in asked["Access-Control-Allow-Headers"]
    assert send(client, NAMES, permitted)[name] == "https://www.example.com"
    refused = send(client, NAMES, ELSEWHERE)
    assert name not in refused
    assert "Access-Control-Allow-Credentials" not in send(client, NAMES, permitted)
    assert "Origin" in refused["Vary"]


def test_an_address_that_asks_for_too_much_waits_for_the_next_minute(
    client: Client, settings: Settings, mug: Product, clock: Clock
) -> None:
    settings.API_POINTS_PER_MINUTE = 200
    answers = [send(client, NAMES) for _time in range(10)]
    refused = answers[-1]
    assert answers[0].status_code == 200
    assert (refused.status_code, faults(refused)) == (429, ["TOO_FAST"])
    assert 0 < int(refused["Retry-After"]) <= 60
    other = Client(REMOTE_ADDR="203.0.113.9")
    # More than a whole minute allows: it is done all the same.
    settings.API_POINTS_PER_MINUTE = 10
    assert [send(other, NAMES).status_code for _time in range(2)] == [200, 429]
    settings.API_POINTS_PER_MINUTE = 200
    clock.shift(60)
    assert send(client, NAMES).status_code == 200
    settings.API_POINTS_PER_MINUTE = 0
    assert {send(client, NAMES).status_code for _time in range(20)} == {200}
