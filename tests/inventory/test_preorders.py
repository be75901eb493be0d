"""Units that are announced can be ordered; what comes takes their places."""

from datetime import UTC, datetime

import pytest

from inventory.audit import counts
from inventory.errors import NothingToMove, OutOfStock
from inventory.losses import Missing, write_off
from inventory.models import Movement, StockItem
from inventory.services import announce, receive, release, reserve, ship_out
from tests.support.invariants import assert_ledger_adds_up
from tests.support.threads import exceptions_in, run_together

LATER = datetime(2030, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


def state(sku: str = "TAPE") -> tuple[int, int, int]:
    """Return the units on hand, held and awaited, of a SKU whose sums are right."""
    assert_ledger_adds_up()
    assert all(count.adds_up for count in counts())
    item = StockItem.objects.get(sku=sku)
    return item.on_hand, item.held, item.awaited


def test_announced_units_can_be_held_and_sold_before_they_come() -> None:
    assert announce("TAPE", 5, "a-1", "", "ken") is True
    assert announce("TAPE", 5, "a-1", "", "ken") is False
    assert state() == (5, 0, 5)

    reserve("A-1", {"TAPE": 2}, LATER)
    ship_out("A-1")
    assert state() == (3, 0, 5)

    receive("TAPE", 5, "d-1")
    receive("TAPE", 5, "d-1")
    assert state() == (3, 0, 0)
    kinds = Movement.objects.order_by("pk").values_list("kind", "quantity")
    assert list(kinds) == [
        ("preorder", 5),
        ("ship_out", -2),
        ("receive", 5),
        ("preorder", -5),
    ]


@pytest.mark.parametrize(
    ("came", "left"), [(3, (5, 0, 2)), (5, (5, 0, 0)), (8, (8, 0, 0))]
)
def test_what_comes_takes_the_places_of_announced_units(
    came: int, left: tuple[int, int, int]
) -> None:
    announce("TAPE", 5, "a-1", "", "")
    receive("TAPE", came, "d-1")
    assert state() == left


@pytest.mark.parametrize("is_empty", [False, True])
def test_pre_orders_that_did_not_come_are_announced_no_more(is_empty: bool) -> None:
    """Ten were announced, five sold; three came: two parcels are missing."""
    announce("TAPE", 10, "a-1", "", "")
    reserve("A-1", {"TAPE": 5}, LATER)
    ship_out("A-1")
    receive("TAPE", 3, "d-1")

    for _time in range(2):
        missing = Missing({"TAPE": 2}, is_empty, preordered={"TAPE"})
        write_off("A-1", missing, "A-1 shortage 1", "", "ken")
        assert state() == (5, 0, 5)

    receive("TAPE", 7, "d-2")
    assert state() == (7, 0, 0)


def test_an_empty_shelf_says_nothing_of_units_to_come() -> None:
    receive("TAPE", 4, "d-1")
    announce("TAPE", 10, "a-1", "", "")
    reserve("A-1", {"TAPE": 1}, LATER)
    ship_out("A-1")
    missing = Missing({"TAPE": 1}, shelf_is_empty=True)
    write_off("A-1", missing, "A-1 shortage 1", "", "ken")
    assert state() == (10, 0, 10)


def test_no_more_is_withdrawn_than_nobody_ordered() -> None:
    announce("TAPE", 5, "a-1", "", "")
    receive("TAPE", 2, "d-1")
    reserve("A-1", {"TAPE": 3}, LATER)

    for difference, free in ((-3, 2), (-4, 2)):
        with pytest.raises(OutOfStock) as refusal:
            announce("TAPE", difference, f"a{difference}", "", "")
        assert refusal.value.free == free
    with pytest.raises(NothingToMove):
        announce("TAPE", 0, "a-0", "", "")
    assert state() == (5, 3, 3)

    release("A-1")
    announce("TAPE", -3, "a-2", "fewer come", "ken")
    assert state() == (2, 0, 0)


def test_buyers_and_deliveries_at_once_sell_what_was_announced_and_no_more() -> None:
    announce("TAPE", 6, "a-1", "", "")

    def act(number: int) -> None:
        if number % 4 == 3:
            receive("TAPE", 1, f"d-{number}")
            return
        reserve(f"A-{number}", {"TAPE": 1}, LATER)
        if number % 2:
            ship_out(f"A-{number}")

    answers = run_together(range(16), act)

    assert {type(error) for error in exceptions_in(answers)} == {OutOfStock}
    assert len(exceptions_in(answers)) == 12 - 6
    on_hand, held, awaited = state()
    assert (on_hand - held, awaited) == (0, 2)
