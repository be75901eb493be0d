"""The shipping saga: from the request at the warehouse to the delivery."""

import pytest

from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import (
    Misconfigured,
    NoAnswer,
    Refused,
    Standing,
)
from checkout.mail.models import MailKind, OrderMail
from checkout.status.sagas import saga_of
from orders.models import Order, Parcel, Shipment, Shortage
from saga.alerting import alert_staff
from saga.models import Alert, Saga, State
from saga.operations import resume, skip
from shop import database_clock
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.refunding import make_charged_order
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

HOUR, DAY = 3600, 86_400


def at(order: Order) -> tuple[str, str]:
    saga = shipping_of(order)
    return saga.step, saga.state


def row(order: Order) -> WarehouseOrder:
    return WarehouseOrder.objects.get(shipment__order=order)


def shipment(order: Order) -> str:
    return Shipment.objects.get(order=order).status


def mails(order: Order) -> list[str]:
    kinds = OrderMail.objects.filter(order=order, kind=MailKind.SHIPPED)
    return list(kinds.values_list("kind", flat=True))


def accept(order: Order) -> None:
    tell("accepted", order, 1)
    go_on(order)


def send_all(order: Order) -> None:
    """Let the warehouse accept, pack and send everything in one parcel."""
    accept(order)
    tell("packed", order, 2)
    tell("shipped", order, 3, parcel=box(1, BOTH))
    go_on(order)


def test_a_shop_without_a_warehouse_system_starts_no_shipping_saga(
    gateway: object,
) -> None:
    order = make_charged_order()

    assert not Saga.objects.filter(definition="shipping").exists()
    assert saga_of(order).state == State.DONE


def test_the_checkout_ends_and_leaves_the_shipping_behind(
    warehouse: FakeWarehouse, gateway: object
) -> None:
    order = make_charged_order(BOTH)

    assert saga_of(order).state == State.DONE
    assert shipping_of(order).parent == saga_of(order)
    assert at(order) == ("await_acceptance", State.WAITING)


def test_the_warehouse_is_asked_for_the_order_as_it_is(
    requested: Order, warehouse: FakeWarehouse
) -> None:
    asked = warehouse.orders[requested.number]

    assert {item.sku: item.quantity for item in asked.items} == BOTH
    assert (asked.recipient.name, asked.revision) == (requested.name, 1)
    assert at(requested) == ("await_acceptance", State.WAITING)


def test_reports_lead_it_to_the_end(requested: Order) -> None:
    send_all(requested)

    requested.refresh_from_db()
    assert requested.status == Order.Status.SHIPPED
    assert shipment(requested) == Shipment.Status.DISPATCHED
    parcel = Parcel.objects.get(shipment__order=requested)
    assert (parcel.carrier, parcel.tracking_number) == ("yamato", "1234-5678-0001")
    assert mails(requested) == [MailKind.SHIPPED]
    assert at(requested) == ("await_delivery", State.WAITING)

    tell("delivered", requested, 4)
    saga = go_on(requested)
    assert saga.state == State.DONE
    assert Parcel.objects.get().delivered_at is not None
    assert_invariants()


def test_reports_that_come_in_another_order_lead_to_the_same_end(
    requested: Order,
) -> None:
    tell("shipped", requested, 3, parcel=box(1, BOTH))
    tell("packed", requested, 2)
    assert row(requested).standing == Standing.RECEIVED.value
    tell("accepted", requested, 1)
    go_on(requested)

    assert row(requested).standing == Standing.SHIPPED.value
    assert at(requested) == ("await_delivery", State.WAITING)
    assert Parcel.objects.count() == 1


def test_a_report_that_was_lost_is_made_up_for_by_the_status(
    requested: Order, warehouse: FakeWarehouse
) -> None:
    parcels = (parcel_of(1, BOTH),)
    for _change in range(2):
        warehouse.change(requested.number, standing=Standing.IN_PROGRESS)
    warehouse.change(requested.number, standing=Standing.SHIPPED, parcels=parcels)
    tell("shipped", requested, 3, parcel=box(1, BOTH))

    go_on(requested)

    assert "status" in warehouse.calls
    assert at(requested) == ("await_delivery", State.WAITING)
    assert not row(requested).reports.waiting().exists()


def test_an_answer_that_gets_lost_is_asked_for_again(
    warehouse: FakeWarehouse, gateway: object, clock: Clock
) -> None:
    warehouse.plan = [NoAnswer("cut")]
    order = make_charged_order(BOTH)
    assert shipping_of(order).error_class == "WarehouseSilent"

    later(order, clock, 5)

    assert warehouse.calls == ["request", "request"]
    assert at(order) == ("await_acceptance", State.WAITING)


def test_a_warehouse_that_stays_silent_is_shown_to_staff(
    warehouse: FakeWarehouse, gateway: object, clock: Clock
) -> None:
    warehouse.plan = [NoAnswer("cut")] * 10
    order = make_charged_order(BOTH)

    later(order, clock, 400, sweeps=12)

    assert at(order) == ("request_fulfilment", State.FAILED)
    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED
    resume(shipping_of(order), "ken", "they are back")
    go_on(order)
    assert at(order) == ("await_acceptance", State.WAITING)


def test_a_wrong_secret_makes_every_order_wait_and_alerts_staff(
    warehouse: FakeWarehouse, gateway: object, clock: Clock
) -> None:
    warehouse.plan = [Misconfigured("check WAREHOUSE_SECRET")] * 20
    order = make_charged_order(BOTH)

    saga = later(order, clock, 400, sweeps=18)

    assert saga.state == State.RUNNING
    assert saga.alert_wanted_at is not None
    later(order, clock, 400, sweeps=4)
    assert at(order) == ("await_acceptance", State.WAITING)


def test_a_request_that_is_refused_stops_for_staff_at_once(
    warehouse: FakeWarehouse, gateway: object
) -> None:
    warehouse.plan = [Refused("no such SKU", "unknown_sku")]
    order = make_charged_order(BOTH)

    saga = shipping_of(order)
    assert (saga.state, saga.error_class) == (State.FAILED, "WarehouseRefused")


def test_at_the_deadline_the_status_is_read_before_anybody_is_alerted(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    warehouse.change(requested.number, standing=Standing.ACCEPTED)

    saga = later(requested, clock, HOUR + 1)

    assert at(requested) == ("await_shipment", State.WAITING)
    assert saga.alert_wanted_at is None


def test_a_warehouse_that_does_not_decide_alerts_staff_and_is_still_waited_for(
    requested: Order, clock: Clock
) -> None:
    saga = later(requested, clock, HOUR + 1)

    assert (saga.step, saga.state) == ("await_acceptance", State.WAITING)
    assert "has not accepted it in time" in saga.error
    alert_staff(database_clock.read())
    assert Alert.objects.filter(definition="shipping").count() == 1

    accept(requested)
    assert at(requested) == ("await_shipment", State.WAITING)
    assert shipping_of(requested).error == ""


def test_a_warehouse_that_has_lost_the_order_is_asked_for_it_once_more(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    warehouse.statuses.clear()
    warehouse.orders.clear()

    later(requested, clock, HOUR + 1)

    assert warehouse.calls == ["request", "status", "request"]
    assert requested.number in warehouse.orders


def test_a_rejected_order_waits_for_staff_who_have_it_asked_again(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    tell("rejected", requested, 1, reason="no such street")
    warehouse.change(requested.number, standing=Standing.REJECTED)
    saga = go_on(requested)
    assert (saga.state, saga.error_class) == (State.FAILED, "FulfilmentRejected")
    assert "no such street" in saga.error

    clock.shift(60)
    Order.objects.filter(pk=requested.pk).update(street="Shibakoen 4-2-9")
    resume(shipping_of(requested), "ken", "address corrected")
    go_on(requested)

    asked = warehouse.orders[requested.number]
    assert (asked.revision, asked.recipient.street) == (2, "Shibakoen 4-2-9")
    assert at(requested) == ("await_acceptance", State.WAITING)
    tell("accepted", requested, 2, revision=2)
    go_on(requested)
    assert at(requested) == ("await_shipment", State.WAITING)


def test_each_parcel_is_announced_when_it_leaves(requested: Order) -> None:
    accept(requested)
    tell("shipped", requested, 2, parcel=box(1, {"MUG-01": 2}))
    go_on(requested)

    assert len(mails(requested)) == 1
    assert at(requested) == ("await_shipment", State.WAITING)
    requested.refresh_from_db()
    assert requested.status == Order.Status.CONFIRMED

    tell("shipped", requested, 3, parcel=box(2, {"TEA-01": 1}))
    go_on(requested)
    requested.refresh_from_db()
    assert requested.status == Order.Status.SHIPPED
    assert len(mails(requested)) == 2
    assert_invariants()


def test_what_is_missing_goes_to_the_desk_and_the_rest_is_asked_for(
    requested: Order, warehouse: FakeWarehouse
) -> None:
    accept(requested)
    tell("short", requested, 2, items=[{"sku": "MUG-01", "quantity": 1}])
    go_on(requested)

    shortage = Shortage.objects.get(order=requested)
    assert shortage.recorded_by == "warehouse"
    assert shortages.units_of(shortage) == {"MUG-01": 1}
    assert shipment(requested) == Shipment.Status.HELD_BACK
    assert shipping_of(requested).waiting_for == "missing goods"

    decide(shortage, Choice.PART)
    go_on(requested)
    asked = warehouse.orders[requested.number]
    assert asked.revision == 2
    assert {item.sku: item.quantity for item in asked.items} == {
        "MUG-01": 1,
        "TEA-01": 1,
    }
    tell("accepted", requested, 3, revision=2)
    rest = {"MUG-01": 1, "TEA-01": 1}
    tell("shipped", requested, 4, revision=2, parcel=box(1, rest))
    go_on(requested)
    requested.refresh_from_db()
    assert requested.status == Order.Status.SHIPPED
    assert_invariants()


def test_a_late_shipment_alerts_staff_after_working_days_only(
    requested: Order, clock: Clock
) -> None:
    # 2030-01-01 is a Tuesday: three working days later it is Friday.
    accept(requested)

    assert later(requested, clock, 2 * DAY).alert_wanted_at is None
    saga = later(requested, clock, DAY + 1)

    assert (saga.step, saga.state) == ("await_shipment", State.WAITING)
    assert "has not shipped it in time" in saga.error


def test_a_parcel_that_comes_back_waits_for_staff(requested: Order) -> None:
    send_all(requested)
    tell("returned", requested, 4, reason="nobody at home")

    saga = go_on(requested)

    assert (saga.state, saga.error_class) == (State.FAILED, "ReturnedToSender")
    skip(saga, "ken", "sent again by hand")
    assert shipping_of(requested).state == State.DONE


def test_without_news_a_shipment_is_closed_after_some_days(
    requested: Order, warehouse: FakeWarehouse, clock: Clock
) -> None:
    send_all(requested)
    warehouse.plan = [NoAnswer("silent")]

    saga = later(requested, clock, 14 * DAY + 1)

    assert saga.state == State.DONE
    assert saga.output("await_delivery") == {"closed": "nothing was reported in time"}
