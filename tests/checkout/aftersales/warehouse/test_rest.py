"""The rest of an order of which parcels have left: the warehouse is asked first."""

import pytest

from checkout.aftersales import call_offs, dispatch
from checkout.aftersales.dispatch_errors import AtWarehouse, NotStopped
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import Answer, NoAnswer, Standing
from orders.models import Order, Payment, Shipment
from saga.models import State
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters
from tests.support.warehouse import (
    FakeWarehouse,
    box,
    go_on,
    later,
    parcel_of,
    shipping_of,
    tell,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
TEA = {"TEA-01": 1}


@pytest.fixture
def partly_sent(requested: Order, warehouse: FakeWarehouse) -> Order:
    """Return an order whose tea has left; the mugs follow, and it was refunded."""
    tell("accepted", requested, 1)
    tell("shipped", requested, 2, parcel=box(1, TEA))
    go_on(requested)
    parcels = (parcel_of(1, TEA),)
    warehouse.change(requested.number, standing=Standing.ACCEPTED)
    warehouse.change(requested.number, standing=Standing.IN_PROGRESS, parcels=parcels)
    payment = Payment.objects.get(order=requested)
    Payment.objects.update(refunded_minor=payment.captured_minor)
    return Order.objects.select_related("payment", "shipment").get(pk=requested.pk)


def shipment(order: Order) -> str:
    return Shipment.objects.get(order=order).status


def test_it_goes_back_once_the_warehouse_agrees_to_send_nothing_more(
    partly_sent: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    on_hand = counters("MUG-01")[0]

    assert call_offs.call_off(partly_sent, "yuki", "refunded")
    assert not call_offs.call_off(partly_sent, "yuki", "refunded")

    assert warehouse.calls.count("cancel_rest") == 1
    assert counters("MUG-01")[0] == on_hand + 2
    assert shipment(partly_sent) == Shipment.Status.DISPATCHED
    assert WarehouseOrder.objects.get().standing == "cancelled"
    go_on(partly_sent)
    tell("delivered", partly_sent, 4)
    tell("cancelled", partly_sent, 3, reason="As the shop wished.")
    later(partly_sent, clock, 1)
    assert shipping_of(partly_sent).state == State.DONE
    assert_invariants()


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.PENDING, None])
def test_nothing_goes_back_unless_it_agrees(
    partly_sent: Order, warehouse: FakeWarehouse, answer: Answer | None
) -> None:
    on_hand = counters("MUG-01")[0]
    if answer is None:
        warehouse.plan = [NoAnswer("timed out")]
    else:
        warehouse.answer = answer

    with pytest.raises(NotStopped) as refused:
        call_offs.call_off(partly_sent, "yuki", "refunded")
    with pytest.raises(AtWarehouse):
        dispatch.call_off(partly_sent, "yuki", "refunded")

    assert "warehouse" in refused.value.sentence
    assert counters("MUG-01")[0] == on_hand
    assert shipment(partly_sent) == Shipment.Status.REQUESTED


def test_a_parcel_that_left_meanwhile_is_recorded_before_anything_goes_back(
    partly_sent: Order, warehouse: FakeWarehouse
) -> None:
    on_hand = counters("MUG-01")[0]
    parcels = (parcel_of(1, TEA), parcel_of(2, {"MUG-01": 1}))
    warehouse.change(partly_sent.number, parcels=parcels)

    with pytest.raises(AtWarehouse):
        call_offs.call_off(partly_sent, "yuki", "refunded")

    assert counters("MUG-01")[0] == on_hand
    assert shipment(partly_sent) == Shipment.Status.REQUESTED


def test_a_warehouse_that_cancels_the_rest_by_itself_alerts_staff(
    partly_sent: Order, clock: Clock
) -> None:
    tell("cancelled", partly_sent, 3, reason="The shelf burnt.")
    go_on(partly_sent)

    saga = later(partly_sent, clock, 601)

    assert (saga.state, saga.error_class) == (State.FAILED, "CancelledThere")
