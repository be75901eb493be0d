"""The migrations of returns and exchanges, with data that an earlier state made."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps.registry import Apps
from django.utils import timezone
from pytest_django.fixtures import Settings

from orders.models import Exchange, OrderLine, ReturnLine
from tests.support.migrations import (
    migrate,
    migrate_back,
    migrated_back_to,
    old_order,
)

BEFORE = [("orders", "0027_what_refunded_units_cost")]
WITHOUT_PARCELS = [("orders", "0037_countries")]

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def old(settings: Settings) -> Iterator[Apps]:
    """Return the models as they were when a return kept its exchange itself."""
    with migrated_back_to(BEFORE, settings) as apps:
        yield apps


def old_return(old: Apps, number: str, restocked: int, **fields: Any) -> Any:
    """Create an order of which all left, and the return of two of its three mugs."""
    order = old_order(old, number)
    old.get_model("orders", "Order").objects.filter(pk=order.pk).update(
        status="shipped"
    )
    lines = old.get_model("orders", "OrderLine").objects
    line = lines.get(order=order)
    is_sent = fields["status"] == "exchange" or "sent_at" in fields
    arrived = fields["status"] in ("received", "exchange", "closed")
    scrapped = 2 - restocked if arrived else 0
    # Until now, what was sent again was the customer's as soon as it was decided.
    lines.filter(pk=line.pk).update(
        shipped=3,
        restocked=0 if is_sent or not arrived else restocked,
        returned=2 if not arrived else 0 if is_sent else scrapped,
    )
    now = timezone.now()
    times = {"decided_at": now, "decided_by": "yuki"}
    times |= {"received_at": now, "received_by": "ken"} if arrived else {}
    if fields["status"] == "closed":
        times |= {"closed_at": now, "closed_by": "ken"}
    returned = old.get_model("orders", "Return").objects.create(
        order=order, reason="damaged", **(times | fields)
    )
    old.get_model("orders", "ReturnLine").objects.create(
        returned=returned,
        line=line,
        quantity=2,
        restocked=restocked if arrived else 0,
        scrapped=scrapped,
    )
    return line


def counts(line: Any) -> tuple[int, int, int, int]:
    """Return what is in returns, back in stock, came back, and may be returned."""
    row = OrderLine.objects.get(pk=line.pk)
    assert row.due == 0
    return row.returned, row.restocked, row.came_back, row.returnable


def test_returns_and_exchanges_of_before_are_those_of_now(old: Apps) -> None:
    now = timezone.now()
    sent = {"exchanges": 2, "sent_at": now, "carrier": "sagawa"}
    waits = old_return(old, "261122-AAAAA1", 0, status="approved")
    kept = old_return(old, "261122-AAAAA2", 1, status="received")
    decided = old_return(old, "261122-AAAAA3", 2, status="exchange", exchanges=1)
    left = old_return(
        old, "261122-AAAAA4", 1, status="closed", tracking_number="40-1", **sent
    )

    migrate()

    assert counts(waits) == (2, 0, 0, 1)
    assert counts(kept) == (1, 1, 1, 1)
    assert counts(decided) == (0, 0, 0, 3)
    assert counts(left) == (0, 0, 0, 3)
    rows = Exchange.objects.order_by("number").values_list("number", "turn", "status")
    assert list(rows) == [
        ("261122-AAAAA3-X1", 1, "requested"),
        ("261122-AAAAA4-X1", 2, "sent"),
    ]
    again = ReturnLine.objects.order_by("pk").values_list("exchanged", flat=True)
    assert list(again) == [0, 0, 2, 2]
    gone = Exchange.objects.get(status="sent")
    parcel = gone.parcels.get()
    assert (parcel.carrier, parcel.tracking_key) == ("sagawa", "401")
    assert (gone.sent_at, parcel.dispatched_at, parcel.number) == (now, now, 1)
    assert list(parcel.lines.values_list("line", "quantity")) == [(left.pk, 2)]
    left_again = ReturnLine.objects.order_by("pk").values_list("resent", flat=True)
    assert list(left_again) == [0, 0, 0, 2]

    back = migrate_back(WITHOUT_PARCELS)
    was = back.get_model("orders", "Exchange").objects.get(status="sent")
    assert (was.carrier, was.tracking_key, was.sent_at) == ("sagawa", "401", now)
    assert not back.get_model("orders", "Parcel").objects.exists()
