"""What is read for many orders at once is all that an order's progress depends on."""

from collections.abc import Callable

import pytest
from django.db import models
from pytest_django import DjangoAssertNumQueries

from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.status import changes
from checkout.status.changes import marks_of
from checkout.status.progress import describe, progress_of
from orders.models import Order, Payment, PaymentAttempt
from saga.engine import run
from saga.models import Saga
from tests.conftest import Clock
from tests.support.ordering import advance, place

pytestmark = pytest.mark.django_db

DECLINED = "pm_card_visa_chargeDeclined"
# Read for what is shown, while the version does not depend on it: until when the goods
# are set aside and what the decline was, beside a form. The currency never changes.
SHOWN_ONLY = {
    "Saga.data",
    "PaymentAttempt.decline_code",
    "Order.cancel_reason",
    "Payment.currency",
}


def fresh(_clock: Clock) -> Order:
    return place()[0]


def completed(_clock: Clock) -> Order:
    order, saga = place()
    run(saga.pk)
    return order


def declined(_clock: Clock) -> Order:
    order, saga = place(token=DECLINED)
    run(saga.pk)
    return order


def challenged(_clock: Clock) -> Order:
    order, saga = place(token=CHALLENGED)
    run(saga.pk)
    return order


def cancelled(clock: Clock) -> Order:
    order, saga = place(token=DECLINED)
    advance(saga, clock, seconds=600)
    return order


STAGES = (fresh, completed, declined, challenged, cancelled)


@pytest.mark.both_databases
@pytest.mark.parametrize("stage", STAGES)
def test_progress_reads_nothing_that_is_not_watched(
    gateway: FakeGateway, clock: Clock, stage: Callable[[Clock], Order]
) -> None:
    order = stage(clock)
    saga = Saga.objects.main_paths().only(*changes.SAGA).get(reference=order.number)
    payment = Payment.objects.only("order", *changes.PAYMENT).get(order=order)
    payment.order = Order.objects.only("number", *changes.ORDER).get(pk=order.pk)
    attempt = PaymentAttempt.objects.only(*changes.ATTEMPT).latest("number")
    rows: list[models.Model] = [saga, payment, payment.order, attempt]
    left_out = [row.get_deferred_fields() for row in rows]

    describe(saga, payment, attempt)

    read = {
        f"{type(row).__name__}.{name}"
        for row, names in zip(rows, left_out, strict=True)
        for name in names - row.get_deferred_fields()
    }
    assert read <= SHOWN_ONLY


@pytest.mark.both_databases
def test_a_mark_changes_with_every_column_that_is_watched(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = declined(clock)
    seen = {marks_of([order.pk])[order.pk]}

    Saga.objects.update(error="broken")
    seen.add(marks_of([order.pk])[order.pk])
    PaymentAttempt.objects.update(outcome=PaymentAttempt.Outcome.ABANDONED)
    seen.add(marks_of([order.pk])[order.pk])
    Payment.objects.update(status=Payment.Status.CANCELLED)
    seen.add(marks_of([order.pk])[order.pk])
    Order.objects.update(status=Order.Status.CANCELLED)
    seen.add(marks_of([order.pk])[order.pk])

    assert len(seen) == 5


@pytest.mark.both_databases
def test_many_orders_are_read_with_one_query(
    gateway: FakeGateway,
    clock: Clock,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    orders = [stage(clock).pk for stage in STAGES]

    with django_assert_num_queries(1):
        marks = marks_of([*orders, 0])

    assert marks.keys() == set(orders)
    assert progress_of(Order.objects.get(pk=orders[1])).is_final
