"""The migration that makes a parcel of every shipment that left before."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps.registry import Apps
from django.utils import timezone
from pytest_django.fixtures import Settings

from orders.models import OrderLine, Parcel, Shipment
from tests.support.migrations import migrate, migrated_back_to, old_order

BEFORE = [("orders", "0008_count_disputes")]

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def migrated_back(settings: Settings) -> Iterator[Apps]:
    """Undo the migrations of the parcels. Return the models as they were."""
    with migrated_back_to(BEFORE, settings) as old:
        yield old


def old_refund(old: Apps, order: Any, line: Any, at: datetime) -> None:
    """Create a refund of one mug that was put back into stock."""
    refund = old.get_model("orders", "Refund").objects.create(
        payment=old.get_model("orders", "Payment").objects.get(order=order),
        amount_minor=1800,
        currency="JPY",
        status="succeeded",
        actor="yuki",
        reason="came back",
        requested_at=at,
        succeeded_at=at,
    )
    old.get_model("orders", "RefundLine").objects.create(
        refund=refund, line=line, quantity=1, restock=True
    )


def test_a_shipment_that_left_becomes_a_parcel_with_what_was_in_it(
    migrated_back: Apps,
) -> None:
    old = migrated_back
    now = timezone.now()
    sent, waiting = (old_order(old, f"261122-AAAAA{n}") for n in (1, 2))
    shipments = old.get_model("orders", "Shipment").objects
    shipments.create(
        order=sent,
        status="dispatched",
        dispatched_at=now,
        carrier="sagawa",
        tracking_number="40-1",
    )
    shipments.create(order=waiting, status="requested")
    # One of three was put back before the dispatch, one came back after it.
    line = old.get_model("orders", "OrderLine").objects.get(order=sent)
    type(line).objects.filter(pk=line.pk).update(restocked=2, refunded=2)
    for minutes in (-60, 60):
        old_refund(old, sent, line, now + timedelta(minutes=minutes))

    migrate()

    parcel = Parcel.objects.get()
    assert (parcel.number, parcel.carrier, parcel.tracking_key) == (1, "sagawa", "401")
    assert parcel.dispatched_at == now
    assert [(row.line_id, row.quantity) for row in parcel.lines.all()] == [(line.pk, 2)]
    assert OrderLine.objects.get(pk=line.pk).shipped == 2
    counts = Shipment.objects.order_by("pk").values_list("parcel_count", flat=True)
    assert list(counts) == [1, 0]
