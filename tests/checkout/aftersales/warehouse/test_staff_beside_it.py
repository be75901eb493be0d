"""What staff do, or must decide, while a warehouse has the order."""

import pytest

from checkout.aftersales import dispatch
from checkout.aftersales.custody import STOPPED
from checkout.aftersales.dispatch_errors import AtWarehouse
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.mail.models import MailKind, OrderMail
from orders.errors import ShortageMoved
from orders.models import Order, Parcel, Payment, Shipment
from saga.models import State
from tests.conftest import Clock
from tests.support.ordering import counters
from tests.support.shortages import Choice, decide, report
from tests.support.warehouse import (
    BOTH,
    box,
    go_on,
    later,
    shipping_of,
    tell,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


HOUR = 3600


def at(order: Order) -> tuple[str, str]:
    saga = shipping_of(order)
    return saga.step, saga.state


def row(order: Order) -> WarehouseOrder:
    return WarehouseOrder.objects.get(shipment__order=order)


def accept(order: Order) -> None:
    tell("accepted", order, 1)
    go_on(order)


def shipment(order: Order) -> str:
    return Shipment.objects.get(order=order).status


def mails(order: Order) -> list[str]:
    kinds = OrderMail.objects.filter(order=order, kind=MailKind.SHIPPED)
    return list(kinds.values_list("kind", flat=True))


def test_goods_that_left_after_all_was_refunded_wait_for_staff(
    requested: Order,
) -> None:
    accept(requested)
    payment = Payment.objects.get(order=requested)
    Payment.objects.filter(pk=payment.pk).update(refunded_minor=payment.captured_minor)
    tell("shipped", requested, 2, parcel=box(1, BOTH))

    saga = go_on(requested)

    assert (saga.state, saga.error_class) == (State.FAILED, "SentWrongly")
    assert not Parcel.objects.exists()
    assert mails(requested) == []


def test_staff_may_still_hand_the_parcel_over_themselves(
    requested: Order, clock: Clock
) -> None:
    dispatch.ship(requested, carrier="yamato", tracking_number="1", actor="yuki")

    later(requested, clock, HOUR + 1)

    assert at(requested) == ("await_delivery", State.WAITING)
    assert Parcel.objects.count() == 1


def test_a_cancellation_there_without_one_here_waits_for_staff(
    requested: Order, clock: Clock
) -> None:
    tell("cancelled", requested, 1, reason="by mistake")
    saga = go_on(requested)
    assert (saga.state, saga.waiting_for) == (State.WAITING, "cancellation")

    saga = later(requested, clock, 601)

    assert (saga.state, saga.error_class) == (State.FAILED, "CancelledThere")


@pytest.mark.parametrize("standing", sorted(WarehouseOrder.Standing))
def test_goods_the_warehouse_may_still_send_are_not_put_back_by_a_call_off(
    requested: Order, standing: str
) -> None:
    payment = Payment.objects.get(order=requested)
    Payment.objects.update(refunded_minor=payment.captured_minor)
    WarehouseOrder.objects.update(standing=standing)
    on_hand = counters("MUG-01")[0]

    if standing in STOPPED:
        assert dispatch.call_off(requested, "yuki", "refunded")
        assert counters("MUG-01")[0] == on_hand + BOTH["MUG-01"]
        return
    with pytest.raises(AtWarehouse) as refused:
        dispatch.call_off(requested, "yuki", "refunded")
    with pytest.raises(AtWarehouse):
        dispatch.check_may_be_called_off(
            Order.objects.select_related("payment", "shipment").get(pk=requested.pk)
        )
    assert "Cancel the order" in refused.value.sentence
    assert counters("MUG-01")[0] == on_hand
    assert shipment(requested) == Shipment.Status.REQUESTED


@pytest.mark.parametrize("standing", sorted(WarehouseOrder.Standing))
def test_goods_the_warehouse_may_still_send_are_not_put_back_by_a_shortage(
    requested: Order, standing: str
) -> None:
    missing = report(requested, {"TEA-01": 1})
    shortage = shortages.record(requested, missing, shelf_is_empty=False)
    WarehouseOrder.objects.update(standing=standing)
    on_hand = counters("MUG-01")[0]

    if standing in STOPPED:
        assert Choice.CANCEL in shortages.open_choices(shortage)
        decide(shortage, Choice.CANCEL)
        assert counters("MUG-01")[0] == on_hand + BOTH["MUG-01"]
        return
    assert Choice.CANCEL not in shortages.open_choices(shortage)
    with pytest.raises(ShortageMoved):
        decide(shortage, Choice.CANCEL)
    assert counters("MUG-01")[0] == on_hand
    assert shipment(requested) == Shipment.Status.HELD_BACK


def test_what_stops_a_warehouse_is_a_standing_of_it() -> None:
    assert set(STOPPED) < set(WarehouseOrder.Standing.values)
