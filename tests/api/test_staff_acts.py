"""What programs of staff do, and the refusals of the admin's pages."""

from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from api.staff.refusals import CODES, RefusalCode
from api.staff.types import orders as types
from backoffice.tokens.scopes import Scope
from checkout.aftersales.refunds.services import settle
from checkout.payments.fake.gateway import FakeGateway
from inventory.models import Movement, StockItem
from inventory.services import receive
from orders.models import Cancellation, Order, OrderChange, Parcel, Shipment
from orders.models.change import TRACKING
from saga.models import Attempt, Saga, State
from tests.api.staff_documents import (
    KEY,
    NUMBER,
    adjust,
    cancel,
    correct,
    mutation,
    resume,
    rows,
    ship,
    take_in,
)
from tests.support.cancelling import make_approved_order
from tests.support.corrections import filled, hand_over, tracking_page
from tests.support.refunding import make_charged_order, make_refund
from tests.support.shopping import text_of
from tests.support.staff import make_stalled
from tests.support.staff_api import Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


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
    before = rows()

    page = unescape(text_of(admin_client.post(wanted.page, wanted.form, follow=True)))
    answer = erp.ask(wanted.document)["answer"]

    assert answer["code"] == CASES[arrange].name
    told = [text for each in answer["fields"] for text in each["messages"]]
    sentences = told or [answer["message"]]
    assert all(sentences)
    assert [each for each in sentences if each not in page] == []
    assert rows() == before


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
