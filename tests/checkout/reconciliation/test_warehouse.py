"""The daily comparison with a warehouse: each paid order is there once, none unpaid."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import (
    NoAnswer,
    Standing,
    Status,
)
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.reconciliation.compare import Moment
from checkout.reconciliation.kinds import OF_WAREHOUSE, Kind
from checkout.reconciliation.models import Mismatch
from checkout.reconciliation.warehouse import findings
from orders import transitions
from orders.models import Order
from saga.engine import run
from saga.models import Saga
from shop import database_clock
from tests.checkout.reconciliation.books import LATER, look
from tests.conftest import Clock
from tests.support.ordering import place
from tests.support.refunding import make_charged_order
from tests.support.warehouse import (
    BOTH,
    FakeWarehouse,
    box,
    go_on,
    parcel_of,
    tell,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def compared(clock: Clock) -> list[tuple[str, str]]:
    clock.shift(LATER)
    now = database_clock.read()
    since = now - timedelta(days=14)
    return [(one.kind, one.subject) for one in findings(since, Moment(now))]


def send(order: Order) -> None:
    tell("accepted", order, 1)
    tell("shipped", order, 2, parcel=box(1, BOTH))
    go_on(order)


def there(warehouse: FakeWarehouse, order: Order, units: dict[str, int]) -> None:
    """Let the warehouse have sent a parcel, as its list says."""
    parcels = (parcel_of(1, units),)
    warehouse.change(order.number, standing=Standing.SHIPPED, parcels=parcels)


def test_orders_that_are_there_once_are_no_mismatch(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    make_charged_order(BOTH)
    send(requested)
    there(warehouse, requested, BOTH)

    assert compared(clock) == []


def test_a_shop_without_a_warehouse_system_compares_nothing(
    gateway: object, clock: Clock
) -> None:
    make_charged_order(BOTH)

    assert compared(clock) == []


def _lost_there(order: Order, warehouse: FakeWarehouse) -> Kind:
    del warehouse.statuses[order.number]
    return Kind.NOT_AT_WAREHOUSE


def _never_requested(order: Order, warehouse: FakeWarehouse) -> Kind:
    Saga.objects.filter(definition=SHIPPING.name).delete()
    WarehouseOrder.objects.all().delete()
    del warehouse.statuses[order.number]
    return Kind.NOT_AT_WAREHOUSE


def _sent_twice(order: Order, warehouse: FakeWarehouse) -> Kind:
    send(order)
    there(warehouse, order, {"MUG-01": 4, "TEA-01": 1})
    return Kind.SENT_TWICE


def _called_off(order: Order, warehouse: FakeWarehouse) -> Kind:
    transitions.call_off(order, Order.CancelReason.REFUNDED, "yuki")
    there(warehouse, order, BOTH)
    return Kind.SHIPPED_UNPAID


def _not_recorded(order: Order, warehouse: FakeWarehouse) -> Kind:
    there(warehouse, order, BOTH)
    return Kind.SHIPMENT_BEHIND


Seed = Callable[[Order, FakeWarehouse], Kind]
SEEDS: list[Seed] = [
    _lost_there,
    _never_requested,
    _sent_twice,
    _called_off,
    _not_recorded,
]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_disagrees_is_found_alone_and_has_a_page(
    requested: Order,
    warehouse: FakeWarehouse,
    clock: Clock,
    seed: Seed,
    admin_client: Client,
) -> None:
    kind = seed(requested, warehouse)

    assert compared(clock) == [(kind, requested.number)]
    look(clock)
    rows = Mismatch.objects.open().filter(kind__in=OF_WAREHOUSE)
    (row,) = rows
    assert (row.kind, row.order_number) == (kind, requested.number)
    page = admin_client.get(f"/admin/checkout/mismatch/{row.pk}/change/")
    assert page.status_code == 200


def test_a_shipment_that_nobody_requested_is_found(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    asked = warehouse.orders[requested.number]
    stranger = replace(asked, shipment="X-1")
    warehouse.request(stranger)

    assert compared(clock) == [(Kind.UNKNOWN_TO_SHOP, "X-1")]


def test_a_silent_warehouse_is_told_and_resolves_nothing(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    del warehouse.statuses[requested.number]
    clock.shift(LATER)
    look(clock)
    assert Mismatch.objects.open().filter(kind=Kind.NOT_AT_WAREHOUSE).exists()

    warehouse.plan = [NoAnswer("cut")]
    look(clock)
    open_kinds = set(Mismatch.objects.open().values_list("kind", flat=True))
    assert open_kinds == {Kind.NOT_AT_WAREHOUSE, Kind.WAREHOUSE_NOT_COMPARED}

    warehouse.statuses[requested.number] = Status(
        requested.number, Standing.RECEIVED, 1, 0
    )
    look(clock)
    assert not Mismatch.objects.open().exists()


def test_every_kind_about_the_warehouse_is_tried_here() -> None:
    tried = {Kind.UNKNOWN_TO_SHOP, Kind.WAREHOUSE_NOT_COMPARED}
    tried |= {Kind.NOT_AT_WAREHOUSE, Kind.SENT_TWICE, Kind.SHIPPED_UNPAID}
    tried |= {Kind.SHIPMENT_BEHIND}

    assert tried == set(OF_WAREHOUSE)


def test_what_is_picked_up_need_not_be_at_the_warehouse(
    warehouse: FakeWarehouse, gateway: object, clock: Clock
) -> None:
    order, saga = place(units=BOTH)
    Order.objects.update(pickup_place="Minato")
    run(saga.pk)
    assert compared(clock) == []

    Order.objects.update(pickup_place="")
    assert compared(clock) == [(Kind.NOT_AT_WAREHOUSE, order.number)]
