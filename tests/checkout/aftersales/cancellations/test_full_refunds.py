"""A refund of everything before anything has left ends the shipment in the same act."""

import pytest

from checkout.aftersales import dispatch, dispatch_errors
from checkout.aftersales.cancellations import full_refunds
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.payment_sync import read
from checkout.aftersales.refunds.services import settle
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import RefundStatus
from orders.models import Cancellation, Order, Refund, Shipment
from orders.selectors import unpaid_parcels
from saga.models import Saga, State
from tests.support.cancelling import (
    ask,
    leave_at_the_same_moment,
    sent_mails,
    states,
    work,
)
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters
from tests.support.refunding import TOTAL, make_charged_order, refunded_total, wish

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def test_it_cancels_the_order_and_puts_the_goods_back(gateway: FakeGateway) -> None:
    order = make_charged_order()
    wanted = wish(order, TOTAL, goods={"MUG-01": 2}, restock=True)

    first = full_refunds.refund(order, wanted)
    second = full_refunds.refund(order, wanted)

    assert first == second
    with pytest.raises(dispatch_errors.NotShippable):
        dispatch.ship(order, carrier="yamato", tracking_number="1", actor="ken")
    assert work(order).state == State.DONE
    assert states(order) == ("cancelled", "called_off", "done")
    assert order.cancel_reason == Order.CancelReason.STAFF
    assert Cancellation.objects.get().refund == first
    assert refunded_total(gateway) == TOTAL
    assert counters() == (10, 0)
    assert sent_mails().count("cancelled") == 1
    assert "refunded" not in sent_mails()
    assert_invariants(ended=True)


def test_it_accepts_the_request_of_the_customer(gateway: FakeGateway) -> None:
    order = make_charged_order()
    request = ask(order)

    full_refunds.refund(order, wish(order, TOTAL))

    assert work(order).state == State.DONE
    request.refresh_from_db()
    assert (request.status, request.decided_by) == ("done", "yuki")
    assert order.cancel_reason == Order.CancelReason.CUSTOMER
    assert refunded_total(gateway) == TOTAL


def test_a_part_leaves_the_shipment_as_it_is(gateway: FakeGateway) -> None:
    order = make_charged_order()

    full_refunds.refund(order, wish(order, TOTAL - 1))

    assert not Cancellation.objects.exists()
    assert Shipment.objects.get().status == Shipment.Status.REQUESTED


def test_after_the_hand_over_it_is_only_a_refund(gateway: FakeGateway) -> None:
    order = make_charged_order()
    dispatch.ship(order, carrier="yamato", tracking_number="1", actor="ken")

    settle(full_refunds.refund(order, wish(order, TOTAL)).pk)

    assert not Saga.objects.filter(definition=CANCELLATION.name).exists()
    assert refunded_total(gateway) == TOTAL
    assert "refunded" in sent_mails()


def test_a_parcel_that_leaves_at_the_same_moment_is_told(gateway: FakeGateway) -> None:
    order = make_charged_order()
    refund = full_refunds.refund(order, wish(order, TOTAL))
    settle(refund.pk)
    leave_at_the_same_moment(order)

    assert work(order).state == State.COMPENSATED

    assert states(order) == ("shipped", "dispatched", "refused")
    assert refunded_total(gateway) == TOTAL, "the refund stands"
    kinds = set(OrderMail.objects.values_list("kind", flat=True))
    assert {"refunded", "cancel_refused"} <= kinds


def test_one_that_fails_stops_for_a_person(gateway: FakeGateway) -> None:
    order = make_charged_order()
    gateway.next_refund = RefundStatus.FAILED

    full_refunds.refund(order, wish(order, TOTAL))

    assert work(order).state == State.FAILED
    assert Refund.objects.count() == 1
    assert counters() == (10, 0)


def test_one_made_at_stripe_holds_the_parcel_and_is_counted(
    gateway: FakeGateway,
) -> None:
    order = make_charged_order()
    gateway.refund_elsewhere(order.payment.intent_id or "", TOTAL)

    read(order.payment.pk)

    assert not Cancellation.objects.exists()
    assert Shipment.objects.get().status == Shipment.Status.REQUESTED
    assert unpaid_parcels().count() == 1
    with pytest.raises(dispatch_errors.NothingLeft):
        dispatch.ship(order, carrier="yamato", tracking_number="1", actor="ken")
    assert dispatch.call_off(order, "yuki", "refunded at Stripe")
    assert states_without_wish(order) == ("cancelled", "called_off")
    assert unpaid_parcels().count() == 0


def states_without_wish(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, Shipment.objects.get(order=order).status
