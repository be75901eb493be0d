"""An exchange at the warehouse: asked for once, followed by a saga of its own."""

import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from checkout.aftersales import call_offs, exchanges
from checkout.aftersales.corrections import WarehouseKeeps, correct_recipient
from checkout.aftersales.warehouse.models import WarehouseOrder, WarehouseReport
from checkout.aftersales.warehouse.port import Answer, NoAnswer, Refused, Standing
from checkout.aftersales.warehouse.reports import ReportRefused
from checkout.mail.models import OrderMail
from orders.errors import TooLateToCorrect
from orders.models import Exchange, Order
from orders.transitions.corrections import Correction
from saga.engine import run
from saga.models import Saga, State
from saga.operations import resume
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters
from tests.support.pickups import PLACE
from tests.support.returns import arrive, make_sent_order, register
from tests.support.warehouse import (
    FakeWarehouse,
    box,
    go_on,
    later,
    shipping_of,
    tell,
)

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway", "warehouse"),
]
MUGS = {"MUG-01": 2}


def begun(order: Order | None = None) -> Exchange:
    returned = register(order or make_sent_order())
    arrive(returned, scrapped=2)
    exchange = exchanges.begin(returned, "ken")
    assert exchange
    return exchange


@pytest.fixture
def exchange(warehouse: FakeWarehouse) -> Exchange:
    """Return an exchange that the warehouse was asked to send."""
    found = begun()
    warehouse.calls.clear()
    go_on(found)
    return found


def at(exchange: Exchange) -> tuple[str, str]:
    saga = shipping_of(exchange)
    return saga.step, saga.state


def mails(exchange: Exchange) -> int:
    rows = OrderMail.objects.filter(order=exchange.order, kind="return_sent")
    return rows.count()


def test_the_warehouse_is_asked_for_it_once_and_as_a_shipment_of_its_own(
    exchange: Exchange, warehouse: FakeWarehouse
) -> None:
    asked = warehouse.orders[exchange.number]

    assert {item.sku: item.quantity for item in asked.items} == MUGS
    assert asked.recipient.name == exchange.order.name
    assert (asked.service.ship_by, asked.service.deliver_on) == (None, None)
    assert warehouse.calls == ["request"]
    assert at(exchange) == ("await_acceptance", State.WAITING)
    assert WarehouseOrder.objects.get(exchange=exchange).number == exchange.number


def test_a_lost_answer_asks_for_it_again_under_the_same_number(
    warehouse: FakeWarehouse, clock: Clock
) -> None:
    found = begun()
    warehouse.plan = [NoAnswer("timed out")]

    later(found, clock, 120, sweeps=3)

    assert [name for name in warehouse.orders if name == found.number]
    assert WarehouseOrder.objects.filter(exchange=found).count() == 1
    assert at(found) == ("await_acceptance", State.WAITING)


def test_its_parcel_closes_the_return_and_is_mailed_once(exchange: Exchange) -> None:
    tell("accepted", exchange, 1)
    go_on(exchange)
    tell("shipped", exchange, 2, parcel=box(1, MUGS))
    for _twice in range(2):
        go_on(exchange)

    exchange.refresh_from_db()
    parcel = exchange.parcels.get()
    assert (exchange.status, parcel.carrier) == ("sent", "yamato")
    assert parcel.tracking_number == "1234-5678-0001"
    assert exchange.returned.status == "closed"
    assert mails(exchange) == 1

    tell("delivered", exchange, 3)
    go_on(exchange)
    parcel.refresh_from_db()
    assert parcel.delivered_at
    assert shipping_of(exchange).state == State.DONE
    assert_invariants()


def test_the_parcel_of_the_exchange_is_not_one_of_the_order(
    exchange: Exchange,
) -> None:
    tell("shipped", exchange, 1, parcel=box(1, MUGS))

    with pytest.raises(ReportRefused) as refused:
        tell("shipped", exchange, 2, parcel=box(2, {"MUG-01": 1}))

    assert refused.value.code == "too_many_units"
    assert WarehouseReport.objects.exclude(refused="").count() == 1


def test_each_of_its_parcels_is_announced_when_it_leaves(exchange: Exchange) -> None:
    tell("accepted", exchange, 1)
    tell("shipped", exchange, 2, parcel=box(1, {"MUG-01": 1}))
    for _twice in range(2):
        go_on(exchange)
    exchange.refresh_from_db()
    assert (exchange.status, exchange.parcel_count) == ("requested", 1)
    assert mails(exchange) == 1

    tell("shipped", exchange, 3, parcel=box(2, {"MUG-01": 1}))
    tell("delivered", exchange, 4)
    for _twice in range(2):
        go_on(exchange)

    exchange.refresh_from_db()
    assert (exchange.status, exchange.parcel_count) == ("sent", 2)
    assert not exchange.parcels.filter(delivered_at=None).exists()
    assert mails(exchange) == 2
    assert shipping_of(exchange).state == State.DONE


def test_its_rest_is_dropped_once_the_warehouse_agrees(
    exchange: Exchange, warehouse: FakeWarehouse
) -> None:
    tell("accepted", exchange, 1)
    tell("shipped", exchange, 2, parcel=box(1, {"MUG-01": 1}))
    warehouse.change(exchange.number, standing=Standing.IN_PROGRESS)
    with pytest.raises(exchanges.ExchangeNotStopped):
        # The parcel that it has reported is recorded first.
        call_offs.drop_exchange(exchange, "ken")
    go_on(exchange)
    exchange.refresh_from_db()
    warehouse.answer = Answer.REFUSED
    with pytest.raises(exchanges.ExchangeNotStopped):
        call_offs.drop_exchange(exchange, "ken")

    warehouse.answer = Answer.ACCEPTED
    assert call_offs.drop_exchange(exchange, "ken")

    assert warehouse.calls.count("cancel_rest") == 2
    assert counters() == (7, 0)
    exchange.refresh_from_db()
    assert (exchange.status, exchange.returned.status) == ("sent", "received")
    for _step in range(3):
        go_on(exchange)
    assert at(exchange) == ("await_delivery", State.WAITING)
    assert_invariants()


def test_missing_items_wait_for_staff_who_have_it_asked_again(
    exchange: Exchange, warehouse: FakeWarehouse
) -> None:
    tell("accepted", exchange, 1)
    tell("short", exchange, 2, items=[{"sku": "MUG-01", "quantity": 1}])
    saga = go_on(exchange)
    assert (saga.state, saga.error_class) == (State.FAILED, "ExchangeShort")

    resume(saga, "ken", "they have them again")
    go_on(exchange)

    assert warehouse.orders[exchange.number].revision == 2
    assert at(exchange) == ("await_shipment", State.WAITING)


def test_what_is_picked_up_is_not_asked_for(warehouse: FakeWarehouse) -> None:
    order = make_sent_order()
    Order.objects.filter(pk=order.pk).update(**PLACE)
    order.refresh_from_db()

    found = begun(order)

    assert not Saga.objects.filter(reference=found.number).exists()
    assert found.number not in warehouse.orders


def test_staff_see_its_steps_on_the_page_of_the_order(exchange: Exchange) -> None:
    clerk = Client()
    clerk.force_login(User.objects.create_superuser("yuki"))
    tell("rejected", exchange, 1, reason="unknown street")
    saga = go_on(exchange)
    assert saga.state == State.FAILED

    page = reverse("admin:orders_order_change", args=[exchange.order.pk])
    shown = clerk.get(page).content.decode()
    assert f"Exchange {exchange.number}, shipped by the warehouse" in shown
    listed = clerk.get(reverse("admin:backoffice_stalledorder_changelist"))
    assert exchange.order.number in listed.content.decode()
    assert exchange.order.number in clerk.get(reverse("admin:index")).content.decode()


def test_dropping_it_asks_the_warehouse_before_the_goods_go_back(
    exchange: Exchange, warehouse: FakeWarehouse
) -> None:
    tell("accepted", exchange, 1)
    go_on(exchange)
    warehouse.change(exchange.number, standing=Standing.ACCEPTED)
    assert counters() == (6, 0)

    with pytest.raises(exchanges.ExchangeNotStopped):
        exchanges.drop(exchange, "ken")
    for answer in (Answer.PENDING, Answer.REFUSED):
        warehouse.answer = answer
        with pytest.raises(exchanges.ExchangeNotStopped):
            call_offs.drop_exchange(exchange, "ken")
    warehouse.plan = [NoAnswer("timed out")]
    with pytest.raises(exchanges.ExchangeNotStopped):
        call_offs.drop_exchange(exchange, "ken")
    assert counters() == (6, 0)

    warehouse.answer = Answer.ACCEPTED
    assert call_offs.drop_exchange(exchange, "ken")

    assert counters() == (8, 0)
    assert WarehouseOrder.objects.get(exchange=exchange).standing == "cancelled"
    for _step in range(3):
        go_on(exchange)
    assert shipping_of(exchange).state == State.DONE
    assert warehouse.statuses[exchange.number].standing is Standing.CANCELLED


def test_what_the_warehouse_has_not_heard_of_is_stopped_by_the_saga(
    warehouse: FakeWarehouse, clock: Clock
) -> None:
    found = begun()
    warehouse.plan = [NoAnswer("timed out")]
    go_on(found)

    assert call_offs.drop_exchange(found, "ken")
    assert counters() == (8, 0)
    later(found, clock, 120, sweeps=3)

    assert found.number not in warehouse.orders
    assert shipping_of(found).state == State.DONE


def test_a_worker_that_died_asks_for_nothing_twice(
    warehouse: FakeWarehouse, clock: Clock
) -> None:
    found = begun()
    saga = shipping_of(found)
    for _again in range(3):
        run(saga.pk)
        clock.shift(1)

    assert warehouse.calls.count("request") <= 2
    assert warehouse.orders[found.number].revision == 1
    assert warehouse.statuses[found.number].standing is Standing.RECEIVED
    assert counters() == (6, 0)


def test_another_recipient_is_told_to_the_warehouse_until_it_has_left(
    exchange: Exchange, warehouse: FakeWarehouse
) -> None:
    order = Order.objects.get(pk=exchange.order.pk)
    move = {"before": {"street": order.street}, "after": {"street": "Azabudai 1-3-1"}}
    wanted = Correction(uuid.uuid4(), actor="ken", reason="moved", **move)

    assert correct_recipient(order, wanted)
    assert not correct_recipient(order, wanted)

    assert {number: each.street for number, each in warehouse.recipients.items()} == {
        exchange.number: "Azabudai 1-3-1"
    }
    assert Order.objects.get(pk=order.pk).street == "Azabudai 1-3-1"
    tell("shipped", exchange, 1, parcel=box(1, MUGS))
    go_on(exchange)
    back = {"before": move["after"], "after": move["before"]}
    with pytest.raises(TooLateToCorrect):
        correct_recipient(
            order, Correction(uuid.uuid4(), actor="k", reason="x", **back)
        )


def test_a_recipient_that_the_warehouse_refuses_for_an_exchange_stays(
    exchange: Exchange, warehouse: FakeWarehouse
) -> None:
    warehouse.answer = Answer.REFUSED
    order = Order.objects.get(pk=exchange.order.pk)
    wanted = Correction(uuid.uuid4(), {"name": order.name}, {"name": "T"}, "ken", "x")

    with pytest.raises(WarehouseKeeps):
        correct_recipient(order, wanted)

    assert Order.objects.get(pk=order.pk).name == order.name


def test_staff_read_what_the_warehouse_changed_before_it_refused(
    exchange: Exchange, warehouse: FakeWarehouse
) -> None:
    order = Order.objects.get(pk=exchange.order.pk)
    other = begun(make_sent_order())
    go_on(other)
    other.returned.__class__.objects.filter(pk=other.returned_id).update(order=order)
    refused = Refused("no such street", "unreadable")
    # The first is changed, the second is refused.
    warehouse.plan = [None, refused]
    wanted = Correction(uuid.uuid4(), {"name": order.name}, {"name": "T"}, "ken", "x")

    with pytest.raises(WarehouseKeeps) as keeps:
        correct_recipient(order, wanted)

    told = str(keeps.value.sentence)
    assert f"Of {other.number}: " in told
    assert f"{exchange.number} has the new recipient already" in told
    assert Order.objects.get(pk=order.pk).name == order.name
