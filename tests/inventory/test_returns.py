"""Goods that come back, and goods that were booked out but were not there."""

import pytest

from inventory.errors import NotShipped
from inventory.losses import Missing, take_back_and_scrap, write_off
from inventory.models import Movement, StockItem
from inventory.selectors import shipped_out
from inventory.services import receive, reserve, ship_out, take_back
from tests.support.invariants import assert_ledger_adds_up
from tests.support.orders import stock

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def shipped() -> str:
    """Ship two mugs and a cap for order A-1; two mugs and three caps are left."""
    stock("CAP", 4)
    stock("MUG", 4)
    reserve("A-1", {"CAP": 1, "MUG": 2}, None)
    ship_out("A-1")
    return "A-1"


def on_hand() -> dict[str, int]:
    return dict(StockItem.objects.values_list("sku", "on_hand"))


def ledger() -> list[tuple[str, str, int, str, str, str]]:
    rows = Movement.objects.filter(actor="ken").order_by("id")
    fields = ("item__sku", "kind", "quantity", "reference", "note", "actor")
    return list(rows.values_list(*fields))


def test_what_comes_back_is_on_the_shelf_again(shipped: str) -> None:
    assert take_back(shipped, {"MUG": 1, "CAP": 1}, "R-1", "ken") == 2

    assert on_hand() == {"CAP": 4, "MUG": 3}
    assert ledger() == [
        ("CAP", "return", 1, "R-1", "A-1", "ken"),
        ("MUG", "return", 1, "R-1", "A-1", "ken"),
    ]


def test_the_same_return_counts_once(shipped: str) -> None:
    take_back(shipped, {"MUG": 1}, "R-1", "ken")

    assert take_back(shipped, {"MUG": 1}, "R-1", "ken") == 0

    assert on_hand() == {"CAP": 3, "MUG": 3}


@pytest.mark.parametrize(
    ("sku", "units"), [("MUG", {"MUG": 3}), ("TEA", {"CAP": 1, "TEA": 1})]
)
def test_what_did_not_leave_cannot_come_back(
    shipped: str, sku: str, units: dict[str, int]
) -> None:
    with pytest.raises(NotShipped) as refusal:
        take_back(shipped, units, "R-1", "ken")

    assert (refusal.value.reference, refusal.value.sku) == (shipped, sku)
    assert refusal.value.sentence == (
        f"{sku} did not leave the stock, or has come back already."
    )
    assert on_hand() == {"CAP": 3, "MUG": 2}
    assert ledger() == []


def test_only_what_left_for_the_order_itself_can_come_back(shipped: str) -> None:
    # Another order's goods, and a delivery whose number is the order's.
    reserve("A-2", {"CAP": 2}, None)
    ship_out("A-2")
    receive("MUG", 7, shipped)

    assert shipped_out(shipped) == {"CAP": 1, "MUG": 2}
    with pytest.raises(NotShipped):
        take_back(shipped, {"CAP": 2}, "R-1", "ken")


def test_units_that_were_missing_leave_the_count_as_it_is(shipped: str) -> None:
    missing = Missing({"MUG": 1}, shelf_is_empty=False)
    write_off(shipped, missing, "M-1", "not found", "ken")

    assert on_hand() == {"CAP": 3, "MUG": 2}
    assert ledger() == [
        ("MUG", "return", 1, "M-1", "A-1", "ken"),
        ("MUG", "adjust", -1, "M-1", "not found", "ken"),
    ]
    assert_ledger_adds_up()


def test_an_empty_shelf_takes_the_free_units_off_and_leaves_what_is_held(
    shipped: str,
) -> None:
    reserve("A-2", {"MUG": 1}, None)

    missing = Missing({"CAP": 1, "MUG": 2}, shelf_is_empty=True)
    write_off(shipped, missing, "M-1", "the shelf is empty", "ken")

    assert on_hand() == {"CAP": 0, "MUG": 1}
    assert_ledger_adds_up()


def test_the_same_write_off_counts_once(shipped: str) -> None:
    for _ in range(2):
        missing = Missing({"MUG": 1}, shelf_is_empty=True)
        write_off(shipped, missing, "M-1", "not found", "ken")

    assert on_hand() == {"CAP": 3, "MUG": 0}
    assert_ledger_adds_up()


def test_units_that_come_back_unfit_are_never_on_the_shelf(shipped: str) -> None:
    for _ in range(2):
        take_back_and_scrap(shipped, {"CAP": 1, "MUG": 2}, {"MUG": 1}, "R-1", "ken")

    assert on_hand() == {"CAP": 4, "MUG": 3}
    assert ledger() == [
        ("CAP", "return", 1, "R-1", "A-1", "ken"),
        ("MUG", "return", 2, "R-1", "A-1", "ken"),
        ("MUG", "scrap", -1, "R-1", "A-1", "ken"),
    ]
    assert_ledger_adds_up()
