"""Staff's API: who may do and see what, with which token."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from api.staff.schema import CORE
from backoffice import permissions
from backoffice.tokens import services
from backoffice.tokens.models import ApiToken
from backoffice.tokens.scopes import PERMISSIONS, Scope
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order
from shop.customers.models import Customer
from tests.api.staff_documents import (
    FIELDS,
    NUMBER,
    rows,
)
from tests.conftest import Clock
from tests.support.api import faults
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff, make_stalled
from tests.support.staff_api import ADDRESS, Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_every_field_of_the_schema_has_its_row() -> None:
    roots = (CORE.query_type, CORE.mutation_type)
    known = [name for root in roots if root for name in root.fields]
    assert sorted(FIELDS) == sorted(known)
    assert CORE.subscription_type is None


def _named(permission: str) -> str:
    return permission.partition(".")[2]


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_needs_its_scope_and_its_owner_s_permission(name: str) -> None:
    scope, permission, document = FIELDS[name]
    make_stalled()
    others = [each for each in Scope if each != scope]
    every = {one for each in PERMISSIONS.values() for one in each}
    lacking = [_named(one) for one in every - {permission}]
    mina, nao = make_staff(_named(permission), name="mina"), make_staff(*lacking)
    before = rows()

    without_scope = Program(mina, *others).send(document)
    without_permission = Program(nao, *Scope).send(document)
    assert faults(without_scope) == ["SCOPE_MISSING"]
    assert faults(without_permission) == ["PERMISSION_MISSING"]
    assert rows() == before

    allowed = Program(mina, scope).send(document)
    assert faults(allowed) == []


def test_no_scope_lets_a_refund_through() -> None:
    assert permissions.REFUND not in {
        one for each in PERMISSIONS.values() for one in each
    }


def test_recipients_need_a_scope_of_their_own() -> None:
    make_stalled()
    document = f'{{ order(number: "{NUMBER}") {{ number recipient {{ email }} }} }}'
    reader = program(Scope.ORDERS_READ, permissions=("view_order",))

    answer = reader.send(document)
    assert faults(answer) == ["SCOPE_MISSING"]
    assert answer.json()["data"]["order"] == {"number": NUMBER, "recipient": None}

    both = program(Scope.ORDERS_READ, Scope.CUSTOMERS_READ)
    found = both.ask(document)["order"]["recipient"]
    assert found == {"email": "hanako@example.com"}


@dataclass
class Sent:
    """A request without a valid token, and the code with which it is refused."""

    code: str
    spoil: Callable[[ApiToken], object] = lambda _token: None
    header: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def _fire(token: ApiToken) -> None:
    User.objects.filter(pk=token.owner_id).update(is_staff=False)


REFUSED_TOKENS = {
    "no token": Sent("TOKEN_MISSING", header=""),
    "another scheme": Sent("TOKEN_MISSING", header="Basic abc"),
    "no text": Sent("TOKEN_MISSING", header="Bearer "),
    "an unknown one": Sent("TOKEN_UNKNOWN", header="Bearer todoku_staff_x"),
    "a long one": Sent("TOKEN_UNKNOWN", header=f"Bearer todoku_staff_{'x' * 300}"),
    "half a surrogate": Sent("TOKEN_UNKNOWN", header="Bearer todoku_staff_\udc80"),
    "a revoked one": Sent(
        "TOKEN_REVOKED", lambda token: services.revoke(token, "yuki")
    ),
    "one of somebody who left": Sent("TOKEN_OWNER_INACTIVE", _fire),
}


@pytest.mark.parametrize("what", REFUSED_TOKENS)
def test_a_request_without_a_valid_token_is_refused(what: str) -> None:
    sent = REFUSED_TOKENS[what]
    erp = program(Scope.STOCK_READ, permissions=("view_stockitem",))
    document = FIELDS["stock"][2]
    assert faults(erp.send(document)) == []
    sent.spoil(erp.token)
    header = f"Bearer {erp.text}" if sent.header is None else sent.header

    answer = Client().post(
        ADDRESS,
        {"query": document},
        content_type="application/json",
        headers={"authorization": header},
    )

    assert (answer.status_code, faults(answer)) == (401, [sent.code])
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_by_the_database_s_clock(clock: Clock) -> None:
    erp = program(Scope.STOCK_READ, permissions=("view_stockitem",))
    clock.shift(86_300)
    assert faults(erp.send(FIELDS["stock"][2])) == []
    clock.shift(200)
    assert faults(erp.send(FIELDS["stock"][2])) == ["TOKEN_EXPIRED"]


def test_cookies_of_staff_do_not_count(admin_client: Client) -> None:
    answer = admin_client.post(
        ADDRESS, {"query": FIELDS["stock"][2]}, content_type="application/json"
    )
    assert faults(answer) == ["TOKEN_MISSING"]
    assert "Access-Control-Allow-Origin" not in answer
    assert admin_client.options(ADDRESS).status_code == 405


def test_the_use_is_noted_once_a_minute(
    clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    erp = program(Scope.STOCK_READ)
    document = "{ __typename }"
    with django_assert_num_queries(2):
        erp.ask(document)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        erp.ask(document)
    clock.shift(61)
    erp.ask(document)
    last = ApiToken.objects.get().last_used_at
    assert last is not None
    assert (last - first).total_seconds() >= 61


def test_a_token_that_asks_for_too_much_waits(settings: Settings) -> None:
    erp = program(Scope.STOCK_READ, permissions=("view_stockitem",))
    other = program(Scope.STOCK_READ)
    other.client = Client(REMOTE_ADDR="203.0.113.9")
    document = "{ stock(first: 100) { edges { node { sku free } } } }"
    settings.API_POINTS_PER_MINUTE = 300
    assert faults(erp.send(document)) == []
    slow = erp.send(document)
    assert (slow.status_code, faults(slow)) == (429, ["TOO_FAST"])
    assert faults(other.send(document)) == []
    # Of another address it is the same token.
    erp.client = Client(REMOTE_ADDR="203.0.113.10")
    assert faults(erp.send(document)) == ["TOO_FAST"]
    wide = "{ orders(first: 1000) { edges { node { lines { sku name } } } } }"
    assert faults(other.send(wide)) == ["TOO_EXPENSIVE"]


def test_a_page_of_orders_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    erp = program(Scope.ORDERS_READ, Scope.CUSTOMERS_READ, permissions=("view_order",))
    document = """{ orders { edges { node { number isStalled payment shipment
      lines { sku } sagas { id state seen } recipient { name } } } } }"""
    make_stalled()
    erp.ask(document)
    with django_assert_num_queries(11):
        erp.ask(document)
    make_stalled("261122-BBBBBB")
    make_stalled("261122-CCCCCC")
    with django_assert_num_queries(11):
        found = erp.ask(document)["orders"]["edges"]
    assert [each["node"]["isStalled"] for each in found] == [True] * 3


def test_orders_are_found_by_state_and_time(gateway: FakeGateway) -> None:
    erp = program(Scope.ORDERS_READ, permissions=("view_order",))
    done, stalled = make_charged_order(), make_stalled()

    def found(wanted: str) -> set[str]:
        query = (
            f"{{ orders(filter: {{{wanted}}}) {{ edges {{ node {{ number }} }} }} }}"
        )
        return {each["node"]["number"] for each in erp.ask(query)["orders"]["edges"]}

    assert found("stalled: true") == {stalled.number}
    assert found("stalled: false") == {done.number}
    assert found("status: CONFIRMED") == {done.number}
    assert found("shipment: REQUESTED") == {done.number}
    everything = {done.number, stalled.number}
    assert found('placedFrom: "0001-01-01T00:00:00+09:00"') == everything
    assert found('placedBefore: "9999-12-31T23:59:59"') == everything
    assert found('placedBefore: "2001-01-01T00:00:00"') == set()


def test_accounts_of_customers_are_listed_with_what_they_ordered() -> None:
    erp = program(Scope.CUSTOMERS_READ, permissions=("view_customer",))
    user = User.objects.create_user("c1")
    customer = Customer.objects.create(
        user=user, email="hanako@example.com", language="ja"
    )
    stalled = make_stalled()
    Order.objects.filter(pk=stalled.pk).update(customer_id=customer.pk)
    query = """query ($email: String) { customers(email: $email) {
      edges { node { email language orders } } } }"""
    hanako = {"email": "hanako@example.com", "language": "ja", "orders": 1}
    found = erp.ask(query, email=" Hanako@example.com ")["customers"]["edges"]
    assert found == [{"node": hanako}]
    assert erp.ask(query, email="taro@example.com")["customers"]["edges"] == []


def test_the_schema_says_which_scope_each_field_needs() -> None:
    described = {
        name: one.description or ""
        for root in (CORE.query_type, CORE.mutation_type)
        if root
        for name, one in root.fields.items()
    }
    scopes = {name: row[0].value for name, row in FIELDS.items()}
    assert [name for name in FIELDS if scopes[name] not in described[name]] == []
