"""Staff's API: who may do what with which token, and the refusals of the admin."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from api.staff.refusals import CODES, RefusalCode
from api.staff.schema import CORE
from api.staff.types import orders as types
from backoffice import permissions
from backoffice.tokens import services
from backoffice.tokens.models import ApiToken
from backoffice.tokens.scopes import PERMISSIONS, Scope
from checkout.aftersales.refunds.services import settle
from checkout.payments.fake.gateway import FakeGateway
from inventory.models import Movement, StockItem
from inventory.services import receive
from orders.models import Cancellation, Order, OrderChange, Parcel, Shipment
from orders.models.change import TRACKING
from saga.models import Attempt, Saga, State
from shop.customers.models import Customer
from tests.conftest import Clock
from tests.support.api import faults
from tests.support.cancelling import make_approved_order
from tests.support.corrections import filled, hand_over, tracking_page
from tests.support.refunding import make_charged_order, make_refund
from tests.support.shopping import text_of
from tests.support.staff import make_staff, make_stalled
from tests.support.staff_api import ADDRESS, Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

REFUSED = "... on Refused { code message fields { field messages } }"
ORDER = "... on Order { number status shipment parcels { trackingNumber } }"
STOCK = "... on StockItem { sku onHand free }"
NUMBER = "261122-AAAAAA"
KEY = "0b7f2f5e-2a52-4d2c-9a63-0d5a4c1d4c1f"


def mutation(call: str, answer: str = ORDER) -> str:
    return f"mutation {{ answer: {call} {{ {answer} {REFUSED} }} }}"


def resume(number: str, saga: object = 1, seen: int = 20) -> str:
    found = f'[{{id: "{saga}", seen: {seen}}}]'
    return mutation(
        f'resumeOrder(number: "{number}", sagas: {found}, reason: "disk emptied")'
    )


def ship(number: str, more: str = "", key: str = KEY) -> str:
    parcel = f'{{key: "{key}", carrier: YAMATO, trackingNumber: "1111-2222" {more}}}'
    return mutation(f'shipOrder(number: "{number}", parcel: {parcel})')


def correct(number: str, tracking: str = "9999-2222", parcel: int = 1) -> str:
    sent = (
        f'{{key: "{KEY}", parcel: {parcel}, carrier: SAGAWA, reason: "misread", '
        f'trackingNumber: "{tracking}"}}'
    )
    return mutation(f'correctTracking(number: "{number}", tracking: {sent})')


def cancel(number: str, key: str = KEY) -> str:
    return mutation(f'cancelOrder(number: "{number}", key: "{key}", reason: "asked")')


def adjust(sku: str = "MUG", difference: int = -3, key: str = KEY) -> str:
    said = f'sku: "{sku}", difference: {difference}, key: "{key}", reason: "broken"'
    return mutation(f"adjustStock({said})", STOCK)


def take_in(sku: str = "MUG", note: str = "D-1") -> str:
    said = f'sku: "{sku}", quantity: 4, deliveryNote: "{note}"'
    return mutation(f"receiveStock({said})", STOCK)


# Field of the schema -> the scope and the permission that it needs, and a document.
FIELDS: dict[str, tuple[Scope, str, str]] = {
    "orders": (
        Scope.ORDERS_READ,
        permissions.VIEW_ORDER,
        "{ orders { edges { node { number } } } }",
    ),
    "order": (
        Scope.ORDERS_READ,
        permissions.VIEW_ORDER,
        f'{{ order(number: "{NUMBER}") {{ number }} }}',
    ),
    "stock": (
        Scope.STOCK_READ,
        permissions.VIEW_STOCK,
        "{ stock { edges { node { sku } } } }",
    ),
    "stockItem": (
        Scope.STOCK_READ,
        permissions.VIEW_STOCK,
        '{ stockItem(sku: "MUG") { free } }',
    ),
    "customers": (
        Scope.CUSTOMERS_READ,
        permissions.VIEW_CUSTOMER,
        "{ customers { edges { node { email } } } }",
    ),
    "resumeOrder": (Scope.ORDERS_RESUME, permissions.RESUME_STALLED, resume(NUMBER)),
    "releaseOrder": (
        Scope.ORDERS_RELEASE,
        permissions.RELEASE_ORDER,
        mutation(f'releaseOrder(number: "{NUMBER}")'),
    ),
    "markReady": (
        Scope.FULFILMENT_WRITE,
        permissions.SHIP_ORDER,
        mutation(f'markReady(number: "{NUMBER}")'),
    ),
    "shipOrder": (Scope.FULFILMENT_WRITE, permissions.SHIP_ORDER, ship(NUMBER)),
    "correctTracking": (
        Scope.FULFILMENT_WRITE,
        permissions.CORRECT_ORDER,
        correct(NUMBER),
    ),
    "cancelOrder": (
        Scope.ORDERS_CANCEL,
        permissions.DECIDE_CANCELLATION,
        cancel(NUMBER),
    ),
    "receiveStock": (Scope.STOCK_WRITE, permissions.CHANGE_STOCK, take_in()),
    "adjustStock": (Scope.STOCK_WRITE, permissions.CHANGE_STOCK, adjust()),
}


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
    before = _rows()

    without_scope = Program(mina, *others).send(document)
    without_permission = Program(nao, *Scope).send(document)
    assert faults(without_scope) == ["SCOPE_MISSING"]
    assert faults(without_permission) == ["PERMISSION_MISSING"]
    assert _rows() == before

    allowed = Program(mina, scope).send(document)
    assert faults(allowed) == []


def _rows() -> list[object]:
    """Return what a refusal must leave as it is."""
    tables = (Parcel, Cancellation, OrderChange, Movement, Attempt)
    states = Order.objects.values_list("status", "ready_at", "shipment__status")
    return [*(each.objects.count() for each in tables), list(states)]


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


def test_a_stalled_order_is_resumed_in_its_owner_s_name(gateway: FakeGateway) -> None:
    make_stalled()
    erp = program(
        Scope.ORDERS_READ,
        Scope.ORDERS_RESUME,
        permissions=("view_order", "resume_stalledorder"),
    )
    query = f'{{ order(number: "{NUMBER}") {{ isStalled sagas {{ id seen state }} }} }}'
    order = erp.ask(query)["order"]
    assert order["isStalled"] is True
    stopped = next(each for each in order["sagas"] if each["state"] == "FAILED")

    outdated = erp.ask(resume(NUMBER, stopped["id"], stopped["seen"] - 1))["answer"]
    assert outdated["code"] == "NOT_RESUMED"
    strange = erp.ask(resume(NUMBER, 999, stopped["seen"]))["answer"]
    assert strange["code"] == "NOT_RESUMED"
    assert Saga.objects.main_paths().get().state == State.FAILED

    answer = erp.ask(resume(NUMBER, stopped["id"], stopped["seen"]))["answer"]
    assert answer["number"] == NUMBER
    act = Attempt.objects.get(outcome=Attempt.Outcome.RESUMED)
    assert (act.actor, act.note) == ("erp (ERP)", "disk emptied")
    again = erp.ask(resume(NUMBER, stopped["id"], stopped["seen"]))["answer"]
    assert "was already resumed by erp (ERP)" in again["message"]


def test_a_parcel_is_shipped_once_and_its_number_corrected_once(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order({"MUG-01": 2})
    erp = program(
        Scope.ORDERS_READ,
        Scope.FULFILMENT_WRITE,
        permissions=("view_order", "ship_order", "correct_order"),
    )
    query = f'{{ order(number: "{order.number}") {{ due {{ id quantity }} }} }}'
    (units,) = erp.ask(query)["order"]["due"]
    part = f', items: [{{id: "{units["id"]}", quantity: 1}}]'

    for _time in range(2):
        answer = erp.ask(ship(order.number, part))["answer"]
        assert answer["parcels"] == [{"trackingNumber": "1111-2222"}]
        assert answer["shipment"] == "REQUESTED"
    assert erp.ask(query)["order"]["due"] == [{"id": units["id"], "quantity": 1}]
    rest = erp.ask(ship(order.number, key=str(uuid4())))["answer"]
    assert (rest["status"], rest["shipment"]) == ("SHIPPED", "DISPATCHED")
    assert Parcel.objects.count() == 2

    for _time in range(2):
        corrected = erp.ask(correct(order.number))["answer"]
        assert corrected["parcels"][0] == {"trackingNumber": "9999-2222"}
    change = OrderChange.objects.get()
    assert (change.actor, change.reason) == ("erp (ERP)", "misread")


def test_an_order_that_is_charged_at_shipment_is_released(
    settings: Settings, gateway: FakeGateway
) -> None:
    settings.CAPTURE = "shipment"
    order = make_approved_order()
    erp = program(Scope.ORDERS_RELEASE, permissions=("release_order",))
    call = mutation(f'releaseOrder(number: "{order.number}")')
    for _time in range(2):
        assert erp.ask(call)["answer"]["number"] == order.number
    order.refresh_from_db()
    assert order.ready_at is not None


def test_what_is_not_charged_is_cancelled_once(
    settings: Settings, gateway: FakeGateway
) -> None:
    settings.CAPTURE = "shipment"
    order = make_approved_order()
    erp = program(Scope.ORDERS_CANCEL, permissions=("decide_cancellation",))
    for _time in range(2):
        assert erp.ask(cancel(order.number))["answer"]["number"] == order.number
    wish = Cancellation.objects.get()
    assert (wish.decided_by, str(wish.uid)) == ("erp (ERP)", KEY)
    other = erp.ask(cancel(order.number, str(uuid4())))["answer"]
    assert other["code"] == "NOT_CANCELLABLE"


def test_a_cancellation_that_gives_money_back_is_left_to_a_person(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order()
    every = ("decide_cancellation", "refund")
    erp = program(Scope.ORDERS_CANCEL, permissions=every)
    answer = erp.ask(cancel(order.number))["answer"]
    assert answer["code"] == "REFUND_NEEDED"
    assert Cancellation.objects.count() == 0
    assert gateway.refunds == {}


def test_goods_are_received_and_counts_adjusted_once() -> None:
    receive("MUG", 10, "opening")
    erp = program(Scope.STOCK_WRITE, permissions=("change_stockitem",))
    for _time in range(2):
        answer = erp.ask(take_in())["answer"]
        assert answer == {"sku": "MUG", "onHand": 14, "free": 14}
    for _time in range(2):
        assert erp.ask(adjust())["answer"]["onHand"] == 11
    last = Movement.objects.first()
    assert last is not None
    assert last.actor == "erp (ERP)"


# --- the same refusals as the pages -----------------------------------------------


@dataclass
class Try:
    """The same wish by a page of the admin and by the API."""

    page: str
    form: dict[str, Any]
    document: str


def _page(name: str, order: Order) -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def not_waiting() -> Try:
    order = make_charged_order()
    call = mutation(f'releaseOrder(number: "{order.number}")')
    return Try(_page("release", order), {}, call)


def nothing_left() -> Try:
    order = make_charged_order()
    settle(make_refund(order, 4200).pk)
    form = {"carrier": "yamato", "tracking_number": "1111-2222"}
    return Try(_page("ship", order), form, ship(order.number))


def wrong_number() -> Try:
    order = make_charged_order()
    form = {"carrier": "yamato", "tracking_number": "1 2"}
    document = ship(order.number).replace("1111-2222", "1 2")
    return Try(_page("ship", order), form, document)


def not_ready() -> Try:
    order = make_charged_order()
    Shipment.objects.update(status=Shipment.Status.HELD_BACK)
    call = mutation(f'markReady(number: "{order.number}")')
    return Try(_page("ready", order), {}, call)


def same_tracking() -> Try:
    order = make_charged_order()
    parcel = hand_over(order)
    form = filled(parcel, TRACKING)
    document = correct(order.number, "1111-2222-3333").replace("SAGAWA", "YAMATO")
    return Try(tracking_page(order), form, document)


def too_late_to_cancel() -> Try:
    order = make_charged_order()
    hand_over(order)
    settle(make_refund(order, 4200).pk)
    form = {"uid": KEY, "shown": "0", "reason": "asked"}
    return Try(_page("cancel", order), form, cancel(order.number))


def too_few_free() -> Try:
    make_charged_order()
    item = StockItem.objects.get(sku="MUG-01")
    page = reverse("admin:inventory_stockitem_adjust", args=[item.pk])
    form = {"difference": "-5000", "note": "broken", "token": KEY}
    return Try(page, form, adjust("MUG-01", -5000))


def no_difference() -> Try:
    make_charged_order()
    item = StockItem.objects.get(sku="MUG-01")
    page = reverse("admin:inventory_stockitem_adjust", args=[item.pk])
    form = {"difference": "0", "note": "broken", "token": KEY}
    return Try(page, form, adjust("MUG-01", 0))


def unknown_goods() -> Try:
    page = reverse("admin:inventory_stockitem_new_goods")
    form = {"sku": "NONE", "quantity": "4", "reference": "D-1"}
    return Try(page, form, take_in("NONE"))


CASES: dict[Callable[[], Try], RefusalCode] = {
    not_waiting: RefusalCode.NOT_RELEASABLE,
    nothing_left: RefusalCode.NOT_SHIPPABLE,
    wrong_number: RefusalCode.INVALID_INPUT,
    not_ready: RefusalCode.NOT_SHIPPABLE,
    same_tracking: RefusalCode.INVALID_INPUT,
    too_late_to_cancel: RefusalCode.NOT_CANCELLABLE,
    too_few_free: RefusalCode.TOO_FEW_FREE,
    no_difference: RefusalCode.INVALID_INPUT,
    unknown_goods: RefusalCode.SKU_UNKNOWN,
}


@pytest.mark.parametrize("arrange", CASES, ids=lambda each: each.__name__)
def test_page_and_api_refuse_the_same_in_the_same_words(
    admin_client: Client,
    admin_user: User,
    gateway: FakeGateway,
    arrange: Callable[[], Try],
) -> None:
    wanted = arrange()
    erp = Program(admin_user, *Scope)
    before = _rows()

    page = unescape(text_of(admin_client.post(wanted.page, wanted.form, follow=True)))
    answer = erp.ask(wanted.document)["answer"]

    assert answer["code"] == CASES[arrange].name
    told = [text for each in answer["fields"] for text in each["messages"]]
    sentences = told or [answer["message"]]
    assert all(sentences)
    assert [each for each in sentences if each not in page] == []
    assert _rows() == before


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (ship("260101-ZZZZZZ"), "ORDER_UNKNOWN"),
        (correct(NUMBER, parcel=7), "PARCEL_UNKNOWN"),
        (adjust("NONE"), "SKU_UNKNOWN"),
    ],
)
def test_what_there_is_not_is_refused(
    admin_user: User, document: str, code: str
) -> None:
    make_stalled()
    answer = Program(admin_user, *Scope).ask(document)["answer"]
    assert answer["code"] == code
    assert answer["message"]


def test_every_code_belongs_to_a_refusal() -> None:
    assert {*CODES.values(), RefusalCode.INVALID_INPUT} == set(RefusalCode)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (Order.Status, types.OrderStatus),
        (Shipment.Status, types.ShipmentStatus),
        (State, types.SagaState),
    ],
)
def test_the_schema_knows_every_state(words: Any, kind: Any) -> None:
    assert {each.value for each in kind} == set(words.values)


def test_the_schema_says_which_scope_each_field_needs() -> None:
    described = {
        name: one.description or ""
        for root in (CORE.query_type, CORE.mutation_type)
        if root
        for name, one in root.fields.items()
    }
    scopes = {name: row[0].value for name, row in FIELDS.items()}
    assert [name for name in FIELDS if scopes[name] not in described[name]] == []
