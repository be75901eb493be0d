"""An order is being cancelled while its warehouse works on it: one of both wins."""

import uuid

import pytest

from checkout.aftersales.cancellations import services
from checkout.aftersales.warehouse.port import (
    Answer,
    ShippingOrder,
    Standing,
    Status,
)
from checkout.mail.models import MailKind, OrderMail
from orders.models import Cancellation, Order, Parcel, Shortage
from saga.engine import run
from saga.models import Saga, State
from shop.database_clock import Now
from tests.conftest import Clock
from tests.support.cancelling import (
    cancellation_saga,
    verdict,
)
from tests.support.invariants import assert_invariants
from tests.support.shortages import Choice, decide
from tests.support.warehouse import (
    BOTH,
    FakeWarehouse,
    box,
    go_on,
    later,
    parcel_of,
    shipping_of,
    tell,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.mark.parametrize("step", ["await_shipment", "announce_shipment"])
def test_a_parcel_that_left_is_announced_when_its_cancellation_was_refused(
    requested: Order, warehouse: FakeWarehouse, step: str
) -> None:
    tell("accepted", requested, 1)
    go_on(requested)
    services.cancel(requested, uuid.uuid4(), verdict(requested))
    for _change in range(2):
        parcels = (parcel_of(1, BOTH),)
        warehouse.change(requested.number, standing=Standing.SHIPPED, parcels=parcels)
    tell("shipped", requested, 2, parcel=box(1, BOTH))
    Saga.objects.filter(pk=shipping_of(requested).pk).update(step=step)

    saga = go_on(requested)
    assert (saga.state, saga.waiting_for) == (State.WAITING, "cancellation")
    assert saga.alert_wanted_at is None
    assert not Parcel.objects.exists()

    warehouse.answer = Answer.REFUSED
    run(cancellation_saga(requested).pk)
    saga = go_on(requested)

    assert (saga.step, saga.state) == ("await_delivery", State.WAITING)
    requested.refresh_from_db()
    assert requested.status == Order.Status.SHIPPED
    assert Parcel.objects.count() == 1
    assert Cancellation.objects.get().status == Cancellation.Status.REFUSED
    kinds = OrderMail.objects.filter(order=requested).values_list("kind", flat=True)
    assert sorted(kinds) == [MailKind.CANCEL_REFUSED, MailKind.SHIPPED]
    assert_invariants()


def test_a_rejected_order_that_is_cancelled_ends_without_another_act(
    requested: Order, warehouse: FakeWarehouse
) -> None:
    tell("rejected", requested, 1, reason="no such street")
    warehouse.change(requested.number, standing=Standing.REJECTED)
    assert go_on(requested).state == State.FAILED

    services.cancel(requested, uuid.uuid4(), verdict(requested))
    run(cancellation_saga(requested).pk)

    assert go_on(requested).state == State.DONE
    requested.refresh_from_db()
    assert requested.status == Order.Status.CANCELLED
    assert_invariants()


def test_a_request_that_is_overtaken_by_the_cancellation_is_stopped(
    requested: Order,
    warehouse: FakeWarehouse,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tell("accepted", requested, 1)
    tell("short", requested, 2, items=[{"sku": "MUG-01", "quantity": 1}])
    go_on(requested)
    decide(Shortage.objects.get(order=requested), Choice.PART)
    ask = warehouse.request

    def ask_late(asked: ShippingOrder) -> Status:
        monkeypatch.setattr(warehouse, "request", ask)
        services.cancel(requested, uuid.uuid4(), verdict(requested))
        run(cancellation_saga(requested).pk)
        return ask(asked)

    monkeypatch.setattr(warehouse, "request", ask_late)
    go_on(requested)
    saga = later(requested, clock, 5)

    assert warehouse.orders[requested.number].revision == 2
    assert warehouse.statuses[requested.number].standing is Standing.CANCELLED
    assert saga.state == State.DONE
    assert_invariants()


def test_a_parcel_that_was_sent_wrongly_is_still_peoples_when_it_is_called_off(
    requested: Order,
) -> None:
    Saga.objects.filter(pk=shipping_of(requested).pk).update(
        state=State.FAILED, error_class="SentWrongly", alert_wanted_at=Now()
    )

    services.cancel(requested, uuid.uuid4(), verdict(requested))
    run(cancellation_saga(requested).pk)

    assert shipping_of(requested).state == State.FAILED
