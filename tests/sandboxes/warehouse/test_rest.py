"""The sandbox sends nothing more of an order of which a parcel has left."""

from pathlib import Path

import pytest

from sandboxes.warehouse import faults, orders
from sandboxes.warehouse.store import Object, Store

ITEMS = [{"sku": "MUG-01", "quantity": 2}, {"sku": "TEA-01", "quantity": 1}]
HOUR = 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "warehouse.sqlite3")


def order_after(store: Store, steps: int) -> Object:
    """Return an order that has gone so many steps."""
    asked = {"shipment": "T-1", "revision": 1, "items": ITEMS}
    orders.request(store, {**asked, "service": {"carrier": ""}}, HOUR)
    for _step in range(steps):
        store.advance(HOUR)
        orders.run_due(store, HOUR)
    return now(store)


def now(store: Store) -> Object:
    found = store.order("T-1")
    assert found
    return found


def test_what_has_left_is_delivered_and_the_rest_stays(store: Store) -> None:
    faults.arm(store, {"kind": "split"})
    order = order_after(store, 4)
    assert (order["standing"], len(order["parcels"])) == ("in_progress", 1)
    assert orders.cancel(store, order) == "refused"

    assert orders.cancel_rest(store, order) == "accepted"
    assert orders.cancel_rest(store, now(store)) == "accepted"

    assert (now(store)["standing"], now(store)["sequence"]) == ("cancelled", 5)
    orders.run_due(store, HOUR)
    assert (now(store)["standing"], len(now(store)["parcels"])) == ("delivered", 1)


def test_it_refuses_once_all_has_left(store: Store) -> None:
    order = order_after(store, 4)
    assert order["standing"] == "shipped"

    assert orders.cancel_rest(store, order) == "refused"


def test_before_anything_has_left_it_sends_nothing(store: Store) -> None:
    order = order_after(store, 2)

    assert orders.cancel_rest(store, order) == "accepted"

    assert (now(store)["standing"], now(store)["next"]) == ("cancelled", "")
