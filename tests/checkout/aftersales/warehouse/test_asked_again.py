"""The warehouse is asked for a changed order, and the request or its answer is lost."""

import pytest

from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import Item, NoAnswer, Standing
from orders.models import Order, Shortage
from saga.models import State
from saga.operations import resume
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.shortages import Choice, decide
from tests.support.warehouse import (
    FakeWarehouse,
    go_on,
    later,
    shipping_of,
    tell,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

DAY = 86_400
MUG = {"sku": "MUG-01", "quantity": 1}


def at(order: Order) -> tuple[str, str]:
    saga = shipping_of(order)
    return saga.step, saga.state


def run_short(order: Order, warehouse: FakeWarehouse) -> None:
    """Let a unit be missing, and the desk decide that the rest is sent."""
    tell("accepted", order, 1)
    warehouse.change(order.number, standing=Standing.ACCEPTED)
    tell("short", order, 2, items=[MUG])
    short = (Item("MUG-01", 1),)
    warehouse.change(order.number, standing=Standing.SHORT, short=short)
    go_on(order)
    decide(Shortage.objects.get(order=order), Choice.PART)


def test_a_request_for_the_rest_that_gets_lost_is_made_again(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    run_short(requested, warehouse)
    warehouse.plan = [NoAnswer("cut")]
    go_on(requested)
    assert warehouse.orders[requested.number].revision == 1

    later(requested, clock, 5)

    assert warehouse.orders[requested.number].revision == 2
    assert at(requested) == ("await_shipment", State.WAITING)
    later(requested, clock, 5 * DAY)
    assert Shortage.objects.count() == 1
    assert_invariants()


def test_a_rejected_order_that_staff_resume_is_asked_for_until_it_is_answered(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    tell("rejected", requested, 1, reason="no such street")
    warehouse.change(requested.number, standing=Standing.REJECTED)
    go_on(requested)
    clock.shift(60)
    resume(shipping_of(requested), "ken", "address corrected")
    warehouse.plan = [NoAnswer("cut"), NoAnswer("cut")]
    go_on(requested)

    later(requested, clock, 5, sweeps=3)

    assert warehouse.orders[requested.number].revision == 2
    assert at(requested) == ("await_acceptance", State.WAITING)


def test_a_warehouse_that_has_an_older_request_is_asked_once_more(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    run_short(requested, warehouse)
    go_on(requested)
    older = warehouse.change(requested.number, revision=1, standing=Standing.SHORT)
    warehouse.orders.clear()
    WarehouseOrder.objects.update(sequence=older.sequence - 1)

    later(requested, clock, 5 * DAY)

    assert warehouse.orders[requested.number].revision == 2
    assert Shortage.objects.count() == 1
