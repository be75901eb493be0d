from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, models, transaction

from inventory.errors import NothingToMove, OutOfStock
from inventory.models import Hold, Movement, StockItem
from inventory.services import adjust, receive, release, reserve, ship_out
from tests.support.invariants import assert_ledger_adds_up
from tests.support.orders import stock

LATER = datetime(2030, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def ledger(sku: str) -> list[tuple[str, int, str]]:
    rows = Movement.objects.filter(item__sku=sku).order_by("id")
    return list(rows.values_list("kind", "quantity", "reference"))


def test_receiving_creates_the_item_and_writes_the_ledger() -> None:
    assert receive("MUG", 7, "D-1", note="first delivery", actor="ken") is True

    assert StockItem.objects.get(sku="MUG").on_hand == 7
    line = Movement.objects.get()
    assert (line.kind, line.quantity, line.reference) == ("receive", 7, "D-1")
    assert (line.note, line.actor) == ("first delivery", "ken")


def test_the_same_delivery_counts_once() -> None:
    receive("MUG", 7, "D-1")

    assert receive("MUG", 7, "D-1") is False

    assert StockItem.objects.get(sku="MUG").on_hand == 7
    assert ledger("MUG") == [("receive", 7, "D-1")]


def test_one_delivery_may_bring_several_skus() -> None:
    receive("CAP", 1, "D-1")
    receive("MUG", 2, "D-1")

    assert ledger("CAP") == [("receive", 1, "D-1")]
    assert ledger("MUG") == [("receive", 2, "D-1")]
    assert set(Movement.objects.values_list("note", "actor")) == {("", "")}


@pytest.mark.parametrize("quantity", [0, -1])
def test_receiving_less_than_one_unit_is_refused(quantity: int) -> None:
    with pytest.raises(NothingToMove):
        receive("MUG", quantity, "D-1")

    assert not StockItem.objects.exists()


def test_adjusting_corrects_the_count_both_ways() -> None:
    stock("MUG", 7)

    assert adjust("MUG", -2, "C-1", "two are broken", "ken") is True
    assert adjust("MUG", 1, "C-2", "one was found", "ken") is True

    assert StockItem.objects.get().on_hand == 6
    assert ledger("MUG")[1:] == [("adjust", -2, "C-1"), ("adjust", 1, "C-2")]


def test_the_same_adjustment_counts_once() -> None:
    stock("MUG", 7)
    adjust("MUG", -2, "C-1", "two are broken", "ken")

    assert adjust("MUG", -2, "C-1", "two are broken", "ken") is False

    assert StockItem.objects.get().on_hand == 5


def test_adjusting_below_what_is_promised_is_refused() -> None:
    stock("MUG", 7)
    reserve("A-1", {"MUG": 5}, LATER)

    with pytest.raises(OutOfStock) as refusal:
        adjust("MUG", -3, "C-1", "broken", "ken")

    error = refusal.value
    assert (error.sku, error.requested, error.free) == ("MUG", 3, 2)
    assert StockItem.objects.get().on_hand == 7
    assert len(ledger("MUG")) == 1


def test_adjusting_by_nothing_is_refused() -> None:
    stock("MUG", 7)

    with pytest.raises(NothingToMove):
        adjust("MUG", 0, "C-1", "nothing", "ken")

    assert len(ledger("MUG")) == 1


def test_the_ledger_adds_up_after_everything_that_can_happen() -> None:
    stock("MUG", 10)
    stock("CAP", 3)
    reserve("A-1", {"MUG": 2, "CAP": 1}, LATER)
    reserve("A-2", {"MUG": 3}, LATER)
    ship_out("A-1")
    release("A-2")
    reserve("A-3", {"MUG": 4}, LATER)
    adjust("MUG", -1, "C-1", "broken", "ken")

    assert_ledger_adds_up()
    item = StockItem.objects.get(sku="MUG")
    assert (item.on_hand, item.held, item.free) == (7, 4, 3)


@pytest.mark.parametrize(
    "changes",
    [{"held": -1}, {"on_hand": -1}, {"held": 8}, {"on_hand": 2}],
    ids=["held negative", "on hand negative", "held above on hand", "sold from under"],
)
@pytest.mark.both_databases
def test_the_database_refuses_impossible_counters(changes: dict[str, int]) -> None:
    stock("MUG", 7)
    reserve("A-1", {"MUG": 3}, LATER)

    with pytest.raises(IntegrityError), transaction.atomic():
        StockItem.objects.update(**changes)

    item = StockItem.objects.get()
    assert (item.on_hand, item.held) == (7, 3)


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Hold, {"quantity": 0}),
        (Hold, {"state": "lost"}),
        (Movement, {"quantity": 0}),
    ],
)
@pytest.mark.both_databases
def test_the_database_refuses_senseless_rows(
    model: type[models.Model], changes: dict[str, object]
) -> None:
    stock("MUG", 7)
    reserve("A-1", {"MUG": 3}, LATER)
    before = list(model._default_manager.values())

    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.update(**changes)

    assert list(model._default_manager.values()) == before
