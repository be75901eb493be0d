"""Cancelling orders that are approved, or not paid yet."""

import pytest
from pytest_django.fixtures import Settings

from checkout.aftersales.cancellations import services
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.cancellations.errors import (
    BeingProcessed,
)
from checkout.payments.fake.gateway import CHALLENGED, VOUCHER, FakeGateway
from checkout.status.progress import progress_of
from checkout.status.sagas import saga_of
from orders.models import (
    Cancellation,
    Payment,
)
from saga.engine import run
from saga.models import Alert, Saga, State
from tests.saga.tables import dump
from tests.support.cancelling import (
    ask,
    carry_out,
    make_approved_order,
    sent_mails,
    states,
    verdict,
)
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters, place
from tests.support.refunding import (
    MUG,
    TOTAL,
    refunded_total,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def test_an_approved_order_is_voided_at_once(
    gateway: FakeGateway, settings: Settings
) -> None:
    settings.CAPTURE = "shipment"
    order = make_approved_order()
    assert progress_of(order).outcome == "accepted"
    wish = ask(order)
    assert wish.status == Cancellation.Status.REQUESTED

    services.accept(wish, verdict(order))
    assert progress_of(order).outcome == "cancelling"
    run(saga_of(order).pk)

    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "customer")
    assert Payment.objects.get().status == Payment.Status.CANCELLED
    assert Cancellation.objects.get().status == Cancellation.Status.DONE
    assert counters() == (10, 0)
    assert sent_mails().count("cancelled") == 1
    assert_invariants(ended=True)


@pytest.mark.parametrize("token", [CHALLENGED, VOUCHER, "pm_card_visa_chargeDeclined"])
def test_an_unpaid_order_is_cancelled_by_its_customer_at_once(
    gateway: FakeGateway, settings: Settings, token: str
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    order, saga = place(units=MUG, token=token)
    run(saga.pk)
    assert progress_of(order).cancel_way == "at_once"

    ask(order, "changed my mind")
    run(saga.pk)

    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "customer")
    assert Cancellation.objects.get().status == Cancellation.Status.DONE
    assert counters() == (10, 0)
    assert not Saga.objects.filter(definition=CANCELLATION.name).exists()
    assert_invariants(ended=True)


def test_a_voucher_paid_while_it_is_cancelled_goes_on_and_staff_decide(
    gateway: FakeGateway, settings: Settings
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    order, saga = place(units=MUG, token=VOUCHER)
    run(saga.pk)
    ask(order)
    gateway.pay_voucher(
        order.payment.__class__.objects.get(order=order).intent_id or ""
    )
    run(saga.pk)

    order.refresh_from_db()
    assert states(order) == ("confirmed", "requested", "requested")
    assert Alert.objects.filter(topic__startswith="cancellation_requested").count() == 1
    assert carry_out(order).state == State.DONE
    assert refunded_total(gateway) == TOTAL


def test_a_worker_at_the_order_refuses_the_cancellation(
    gateway: FakeGateway, settings: Settings
) -> None:
    settings.CAPTURE = "shipment"
    order = make_approved_order()
    wish = ask(order)
    Saga.objects.filter(reference=order.number).update(claimed_by="worker-1")
    before = dump()

    with pytest.raises(BeingProcessed):
        services.accept(wish, verdict(order))

    assert dump() == before
