"""Charge at shipment: the approval waits, staff release the order, or it lapses."""

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.aftersales.dispatch import check_shippable, is_shippable, release, ship
from checkout.aftersales.dispatch_errors import ChargedAtOnce, NotShippable, NotWaiting
from checkout.mail.models import OrderMail
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import VOUCHER, FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.tracking.services import read_after_return
from inventory.models import Hold
from inventory.services import expire_holds
from orders.models import Order, OrderEvent, Parcel, Payment, Shipment
from saga.engine import run
from saga.models import Saga, State
from saga.operations import cancel
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, counters, place

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def at_shipment(settings: Settings) -> None:
    settings.CAPTURE = "shipment"


def accepted() -> tuple[Order, Saga]:
    """Return an order whose amount is set aside, and which nobody has released."""
    order, saga = place()
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "shipment")
    return order, saga


def test_an_order_waits_approved_with_its_goods_pinned(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = accepted()

    payment = order.payment
    payment.refresh_from_db()
    assert (payment.status, payment.capture) == ("authorized", "shipment")
    assert gateway.count("capture") == 0
    assert Hold.objects.get().expires_at is None
    clock.shift(5 * DAY)
    assert expire_holds() == 0
    assert saga.alert_wanted_at is None
    assert OrderMail.objects.get().kind == "received"
    assert_invariants([])


def test_released_by_staff_it_is_charged_once_and_completed(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = accepted()
    clock.shift(2 * DAY)

    assert release(order, "yuki")
    assert not release(order, "ken")
    advance(saga, clock)

    order.refresh_from_db()
    assert (saga.state, order.status) == (State.DONE, "confirmed")
    event = OrderEvent.objects.get(name="order_released")
    assert event.data == {"actor": "yuki"}
    assert gateway.count("capture") == 1
    assert counters() == (9, 0)
    assert_invariants(charges(gateway), ended=True)


def test_a_release_while_the_intent_is_read_is_not_missed(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = accepted()
    gateway.meanwhile("retrieve", lambda: release(order, "yuki"))

    read_after_return(order)
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_what_does_not_wait_for_its_shipment_cannot_be_released(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    order, saga = place()
    with pytest.raises(NotWaiting, match="does not wait for its shipment"):
        release(order, "yuki")
    run(saga.pk)
    saga.refresh_from_db()
    cancel(saga, "yuki", "the customer called")
    with pytest.raises(NotWaiting):
        release(order, "yuki")
    settings.CAPTURE = "immediately"
    other, _saga = place(units={"CAP-01": 1})
    with pytest.raises(ChargedAtOnce, match="charged at once"):
        release(other, "yuki")

    assert not Order.objects.filter(ready_at__isnull=False).exists()


def test_staff_may_cancel_before_the_charge(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = accepted()

    cancel(saga, "yuki", "the customer called")
    run(saga.pk)

    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "staff")
    assert gateway.intents["pi_1"].status is IntentStatus.CANCELED
    assert counters() == (10, 0)
    assert_invariants(charges(gateway), ended=True)


def test_staff_are_alerted_once_before_the_approval_lapses(
    gateway: FakeGateway, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    order, saga = accepted()
    clock.shift(6 * DAY)
    for _round in range(3):
        sweep()
        run(saga.pk)
        clock.shift(HOUR)
    sweep()

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "shipment")
    assert saga.alerted_at is not None
    told = [line for line in caplog.messages if order.number in line]
    assert len(told) == 1
    assert f"Order {order.number} waits at authorize_payment" in told[0]
    assert "lapses at 2030-01-08 09:00" in told[0]
    assert f"order_release {order.number}" in told[0]
    assert "an-alert-says-that-orders-wait-for-their-release" in told[0]

    release(order, "yuki")
    advance(saga, clock)
    assert (saga.state, saga.alert_wanted_at) == (State.DONE, None)
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("told", [True, False], ids=["told", "by the deadline"])
def test_an_approval_that_lapses_ends_the_order_uncharged(
    gateway: FakeGateway, clock: Clock, told: bool
) -> None:
    order, saga = accepted()
    if told:
        gateway.lapse("pi_1")
        read_after_return(order)
        run(saga.pk)
    clock.shift(6 * DAY)
    sweep()
    run(saga.pk)
    clock.shift(DAY)
    sweep()
    run(saga.pk)

    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.cancel_reason) == (State.COMPENSATED, "lapsed")
    assert counters() == (10, 0)
    mails = OrderMail.objects.values_list("kind", flat=True)
    assert "cancelled" in mails
    assert_invariants(charges(gateway), ended=True)


def test_an_approval_that_lapses_during_the_charge_ends_the_order_uncharged(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = accepted()
    gateway.meanwhile("capture", lambda: gateway.lapse("pi_1"), after=False)
    release(order, "yuki")

    run(saga.pk)

    order.refresh_from_db()
    saga = Saga.objects.main_paths().get()
    assert (saga.state, order.status) == (State.COMPENSATED, "cancelled")
    assert counters() == (10, 0)
    assert_invariants(charges(gateway), ended=True)


def test_an_outage_after_days_of_waiting_does_not_end_the_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = accepted()
    clock.shift(2 * DAY)
    release(order, "yuki")
    for _time in range(7):
        gateway.fail("retrieve", provider.OutcomeUnknownError("no answer"))

    advance(saga, clock, sweeps=20)

    assert saga.state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_cash_from_a_store_waits_for_no_release(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    order, saga = place(token=VOUCHER)
    run(saga.pk)
    gateway.pay_voucher("pi_1")

    read_after_return(order)
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert Payment.objects.get().status == Payment.Status.CAPTURED
    assert_invariants(charges(gateway), ended=True)


def test_a_parcel_is_recorded_once_and_mailed_about_once(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = accepted()
    assert not is_shippable(order)
    with pytest.raises(NotShippable) as refusal:
        ship(order, carrier="yamato", tracking_number="1234", actor="yuki")
    assert (refusal.value.number, refusal.value.state) == (order.number, "pending")
    release(order, "yuki")
    run(saga.pk)

    assert ship(order, carrier="yamato", tracking_number="1234", actor="yuki")
    assert not ship(order, carrier="sagawa", tracking_number="9", actor="ken")

    order.refresh_from_db()
    with pytest.raises(NotShippable, match=f"{order.number} is shipped"):
        check_shippable(order)
    shipment = Shipment.objects.get()
    assert (order.status, shipment.status) == ("shipped", "dispatched")
    assert shipment.dispatched_at == timezone.now()
    parcel = Parcel.objects.get()
    assert parcel.dispatched_at == timezone.now()
    assert parcel.tracking_url.endswith("pno=1234")
    assert OrderMail.objects.filter(kind="shipped").count() == 1
    event = OrderEvent.objects.get(name="shipment_dispatched")
    assert event.data["tracking_number"] == "1234"
    assert_invariants(charges(gateway), ended=True)
