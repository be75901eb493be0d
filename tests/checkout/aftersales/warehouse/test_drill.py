"""A drill: the warehouse is silent for a day, and then it is back."""

import pytest
from pytest_django.fixtures import Settings

from checkout.aftersales.warehouse.port import NoAnswer, Standing
from orders.models import Order, Parcel
from saga.engine import run
from saga.models import Alert, Breaker, Saga, State
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.refunding import make_charged_order
from tests.support.warehouse import FakeWarehouse, parcel_of

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db, pytest.mark.long]

ORDERS = 8
DAY, HALF_HOUR, MINUTE = 86_400, 1_800, 61


def sagas() -> list[Saga]:
    return list(Saga.objects.filter(definition="shipping").order_by("pk"))


def pass_time(clock: Clock, seconds: int, pause: int) -> None:
    """Let the sweeper and the workers do their work all the while."""
    for _pause in range(seconds // pause):
        clock.shift(pause)
        sweep()
        for saga in Saga.objects.live().filter(definition="shipping"):
            run(saga.pk)


def test_orders_wait_for_a_silent_warehouse_and_each_is_sent_once(
    warehouse: FakeWarehouse, gateway: object, clock: Clock, settings: Settings
) -> None:
    warehouse.plan = [NoAnswer("no route to host")] * 10_000
    orders = [make_charged_order({"MUG-01": 1}) for _order in range(ORDERS)]

    pass_time(clock, DAY, HALF_HOUR)

    # Nobody has to press anything: they wait, and staff were alerted to the outage.
    assert {saga.state for saga in sagas()} == {State.RUNNING}
    assert {saga.step for saga in sagas()} == {"request_fulfilment"}
    assert Breaker.objects.get(name="warehouse").state != Breaker.State.CLOSED
    # One alert for all of them, and not one for each.
    assert [alert.kind for alert in Alert.objects.all()] == [Alert.Kind.OUTAGE]
    tried = len(warehouse.calls)
    assert tried < DAY / MINUTE + 10 * ORDERS
    for order in orders:
        order.refresh_from_db()
        assert order.status == Order.Status.CONFIRMED

    warehouse.plan = []
    pass_time(clock, 10 * MINUTE, MINUTE)

    assert {saga.step for saga in sagas()} == {"await_acceptance"}
    assert sorted(warehouse.orders) == sorted(order.number for order in orders)
    assert Breaker.objects.get(name="warehouse").state == Breaker.State.CLOSED

    # Its reports of the day are lost: the status at the deadline makes up for them.
    for order in orders:
        parcels = (parcel_of(1, {"MUG-01": 1}),)
        warehouse.change(order.number, standing=Standing.SHIPPED, parcels=parcels)
    pass_time(clock, 2 * 3600, HALF_HOUR)

    assert {saga.step for saga in sagas()} == {"await_delivery"}
    assert Parcel.objects.count() == ORDERS
    for order in orders:
        order.refresh_from_db()
        assert order.status == Order.Status.SHIPPED
    assert warehouse.calls.count("request") == tried + ORDERS
    assert_invariants()
