from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from inventory.errors import OutOfStock
from inventory.models import Hold, StockItem
from inventory.parking import ParkLimits, park
from inventory.selectors import free_by_sku
from inventory.services import expire_holds, release, reserve, ship_out
from tests.support.orders import stock
from tests.support.statements import before_first_update

LATER = datetime(2030, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def counters() -> dict[str, tuple[int, int]]:
    return {item.sku: (item.on_hand, item.held) for item in StockItem.objects.all()}


def holds() -> list[tuple[str, str, int, str]]:
    rows = Hold.objects.select_related("item").order_by("reference", "item__sku")
    return [(row.reference, row.item.sku, row.quantity, row.state) for row in rows]


def test_reserving_promises_the_units_and_leaves_them_on_the_shelf() -> None:
    stock("CAP", 5)
    stock("MUG", 3)

    reserve("A-1", {"MUG": 2, "CAP": 1}, LATER)

    assert counters() == {"CAP": (5, 1), "MUG": (3, 2)}
    assert holds() == [("A-1", "CAP", 1, "active"), ("A-1", "MUG", 2, "active")]
    assert set(Hold.objects.values_list("expires_at", flat=True)) == {LATER}


def test_reserving_takes_all_or_nothing() -> None:
    stock("CAP", 5)
    stock("MUG", 1)

    with pytest.raises(OutOfStock) as refusal, transaction.atomic():
        reserve("A-1", {"CAP": 5, "MUG": 2}, LATER)

    error = refusal.value
    assert (error.sku, error.requested, error.free) == ("MUG", 2, 1)
    assert counters() == {"CAP": (5, 0), "MUG": (1, 0)}
    assert holds() == []


def test_a_sku_that_was_never_received_is_out_of_stock() -> None:
    with pytest.raises(OutOfStock) as refusal, transaction.atomic():
        reserve("A-1", {"GHOST": 1}, LATER)

    assert (refusal.value.sku, refusal.value.free) == ("GHOST", 0)
    assert counters() == {}


def test_units_held_by_others_are_not_free() -> None:
    stock("MUG", 3)
    reserve("A-1", {"MUG": 2}, LATER)

    with pytest.raises(OutOfStock) as refusal, transaction.atomic():
        reserve("A-2", {"MUG": 2}, LATER)

    assert refusal.value.free == 1
    assert counters() == {"MUG": (3, 2)}
    assert free_by_sku(["MUG", "GHOST"]) == {"MUG": 1}


def test_the_last_units_taken_since_they_were_read_are_out_of_stock() -> None:
    stock("MUG", 3)

    with (
        before_first_update(lambda: StockItem.objects.update(held=2)),
        pytest.raises(OutOfStock) as refusal,
        transaction.atomic(),
    ):
        reserve("A-1", {"MUG": 2}, LATER)

    error = refusal.value
    assert (error.sku, error.requested, error.free) == ("MUG", 2, 1)
    assert holds() == []


def test_reserving_twice_only_moves_the_expiry() -> None:
    stock("MUG", 3)
    reserve("A-1", {"MUG": 3}, LATER)

    reserve("A-1", {"MUG": 3}, LATER + timedelta(hours=1))

    assert counters() == {"MUG": (3, 3)}
    assert holds() == [("A-1", "MUG", 3, "active")]
    assert Hold.objects.get().expires_at == LATER + timedelta(hours=1)


def test_reserving_after_the_hold_was_lost_takes_the_units_again() -> None:
    stock("CAP", 1)
    stock("MUG", 3)
    reserve("A-1", {"CAP": 1, "MUG": 2}, LATER)
    release("A-1")

    reserve("A-1", {"CAP": 1, "MUG": 2}, LATER)

    assert counters() == {"CAP": (1, 1), "MUG": (3, 2)}
    assert holds() == [("A-1", "CAP", 1, "active"), ("A-1", "MUG", 2, "active")]


@pytest.mark.parametrize("until", [LATER + timedelta(hours=1), None])
def test_units_taken_again_are_held_until_the_new_time_and_are_not_parked(
    until: datetime | None,
) -> None:
    stock("MUG", 30)
    reserve("A-1", {"MUG": 2}, LATER)
    assert park("A-1", LATER, "203.0.113.7", ParkLimits(50, 20))
    expire_holds(LATER)

    reserve("A-1", {"MUG": 2}, until)

    hold = Hold.objects.get()
    assert (hold.state, hold.expires_at) == (Hold.State.ACTIVE, until)
    assert not hold.is_parked
    assert counters() == {"MUG": (30, 2)}


def test_reserving_again_is_refused_if_another_order_has_the_units() -> None:
    stock("CAP", 5)
    stock("MUG", 2)
    reserve("A-1", {"CAP": 1, "MUG": 2}, LATER)
    release("A-1")
    reserve("A-2", {"MUG": 1}, LATER)

    with pytest.raises(OutOfStock), transaction.atomic():
        reserve("A-1", {"CAP": 1, "MUG": 2}, LATER)

    assert counters() == {"CAP": (5, 0), "MUG": (2, 1)}
    assert holds() == [
        ("A-1", "CAP", 1, "released"),
        ("A-1", "MUG", 2, "released"),
        ("A-2", "MUG", 1, "active"),
    ]


def test_reserving_what_was_shipped_out_takes_nothing_more() -> None:
    stock("MUG", 3)
    reserve("A-1", {"MUG": 2}, LATER)
    ship_out("A-1")

    reserve("A-1", {"MUG": 2}, LATER)

    assert counters() == {"MUG": (1, 0)}
    assert holds() == [("A-1", "MUG", 2, "shipped")]


def test_one_statement_per_sku_takes_the_units(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    stock("CAP", 5)
    stock("MUG", 5)

    # The holds, a savepoint's two, and take, find, insert for each SKU.
    with django_assert_max_num_queries(3 + 2 * 3):
        reserve("A-1", {"MUG": 2, "CAP": 1}, LATER)
