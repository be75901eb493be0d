"""What is read of the stock: free units, counts of the audit, what left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import audit, selectors
from inventory.audit import Count
from inventory.errors import UnknownSku
from inventory.forms import AdjustForm
from inventory.models import Movement, StockItem
from inventory.receiving import receive_new
from inventory.services import adjust, pin, receive, release, reserve, ship_out
from shop.catalogue.models import Variant
from tests.support.catalogue import make_product
from tests.support.orders import stock

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HOUR = timedelta(hours=1)


def test_free_is_what_is_on_hand_and_not_held() -> None:
    stock("MUG-01", 5)
    stock("TEA-01", 2)
    reserve("O-1", {"MUG-01": 3}, None)

    free = selectors.free_by_sku(["MUG-01", "TEA-01", "CAP-01"])

    assert free == {"MUG-01": 2, "TEA-01": 2}
    assert selectors.free_by_sku(["TEA-01"]) == {"TEA-01": 2}
    assert StockItem.objects.get(sku="MUG-01").free == 2


def test_counts_are_the_units_on_hand_and_the_free_ones_of_the_skus_asked() -> None:
    stock("MUG-01", 5)
    stock("TEA-01", 2)
    stock("CAP-01", 7)
    reserve("O-1", {"MUG-01": 3}, None)

    counts = selectors.counts_by_sku(["MUG-01", "TEA-01", "CUP-01"])

    assert counts == {"MUG-01": (5, 2), "TEA-01": (2, 2)}


def test_shelves_are_those_of_the_skus_asked_that_have_one() -> None:
    for sku, shelf in (("MUG-01", "A-2"), ("TEA-01", ""), ("CAP-01", "B-1")):
        stock(sku, 5)
        StockItem.objects.filter(sku=sku).update(shelf=shelf)

    assert selectors.shelves(["MUG-01", "TEA-01", "CUP-01"]) == {"MUG-01": "A-2"}


def test_free_units_can_be_read_beside_other_rows_by_their_sku() -> None:
    make_product(skus=("MUG-01", "MUG-02"), units=5, pictures=0)
    reserve("O-1", {"MUG-01": 3}, None)

    rows = Variant.objects.annotate(free=selectors.free_of("sku"))

    assert dict(rows.values_list("sku", "free")) == {"MUG-01": 2, "MUG-02": 5}


@pytest.mark.parametrize(("wanted", "found"), [(2, ["MUG-01"]), (3, [])])
def test_the_last_free_unit_counts(wanted: int, found: list[str]) -> None:
    stock("MUG-01", 5)
    stock("TEA-01", 1)
    reserve("O-1", {"MUG-01": 3}, None)

    assert list(selectors.with_free(wanted)) == found


def test_what_was_shipped_for_an_order_is_nothing_else_that_moved() -> None:
    for sku in ("MUG-01", "TEA-01", "CAP-01", "CUP-01"):
        stock(sku, 9)
    reserve("O-1", {"MUG-01": 2, "TEA-01": 1}, None)
    reserve("O-2", {"CAP-01": 4}, None)
    ship_out("O-1")
    ship_out("O-2")
    adjust("CUP-01", -1, "O-1", "broken", "ken")

    assert selectors.shipped_out("O-1") == {"MUG-01": 2, "TEA-01": 1}


def test_goods_are_held_until_the_first_of_their_holds_ends() -> None:
    now = timezone.now()
    for sku in ("MUG-01", "TEA-01"):
        stock(sku, 9)
    reserve("O-1", {"MUG-01": 1}, now + 2 * HOUR)
    reserve("O-2", {"MUG-01": 1}, now + HOUR)

    assert selectors.held_until("O-1") == now + 2 * HOUR
    pin("O-1")
    assert selectors.held_until("O-1") is None
    release("O-2")
    assert selectors.held_until("O-2") is None


def test_the_audit_sums_up_every_sku_by_itself() -> None:
    for sku, units in (("MUG-01", 9), ("TEA-01", 5), ("CAP-01", 0)):
        if units:
            receive(sku, units, f"delivery of {sku}")
        else:
            StockItem.objects.create(sku=sku)
    adjust("MUG-01", -1, "A-1", "broken", "ken")
    reserve("O-1", {"MUG-01": 2, "TEA-01": 1}, None)
    ship_out("O-1")
    reserve("O-2", {"MUG-01": 3}, None)
    reserve("O-3", {"MUG-01": 1}, timezone.now() + HOUR)
    reserve("O-4", {"MUG-01": 2}, timezone.now() + HOUR)
    release("O-4")

    counts = audit.counts()

    assert counts == [
        Count("CAP-01", on_hand=0, held=0, received=0, sold=0, promised=0),
        Count("MUG-01", on_hand=6, held=4, received=8, sold=2, promised=4),
        Count("TEA-01", on_hand=4, held=0, received=5, sold=1, promised=0),
    ]
    assert [count.free for count in counts] == [0, 2, 4]
    assert all(count.adds_up for count in counts)


@pytest.mark.parametrize("field", ["on_hand", "held"])
def test_a_counter_that_the_ledger_does_not_explain_does_not_add_up(
    field: str,
) -> None:
    stock("MUG-01", 9)
    reserve("O-1", {"MUG-01": 2}, None)
    StockItem.objects.update(**{field: 5})

    assert [count.adds_up for count in audit.counts()] == [False]


def test_goods_that_neither_stock_nor_catalogue_knows_are_not_received() -> None:
    with pytest.raises(UnknownSku, match="no variant has the SKU CAP-01") as refusal:
        receive_new("CAP-01", 3, "D-1", "", "ken")

    assert refusal.value.sku == "CAP-01"
    assert "Nothing was booked" in refusal.value.sentence
    assert not StockItem.objects.exists()


def test_goods_of_a_new_variant_are_received_with_who_and_why() -> None:
    make_product(skus=("MUG-01",), units=0, pictures=0)
    StockItem.objects.all().delete()

    assert receive_new("MUG-01", 3, "D-1", "a corner is wet", "ken") is True
    assert receive_new("MUG-01", 3, "D-1", "", "ken") is False

    line = Movement.objects.get()
    assert (line.item.sku, line.quantity, line.reference) == ("MUG-01", 3, "D-1")
    assert (line.note, line.actor) == ("a corner is wet", "ken")


def test_goods_that_the_stock_knows_need_no_variant() -> None:
    stock("OLD-01", 1)

    assert receive_new("OLD-01", 3, "D-1", "", "ken") is True

    assert StockItem.objects.get().on_hand == 4


@pytest.mark.parametrize(
    ("difference", "is_valid"), [("1", True), ("-1", True), ("0", False)]
)
def test_a_correction_changes_something(difference: str, is_valid: bool) -> None:
    token = AdjustForm().fields["token"].initial()
    form = AdjustForm({"difference": difference, "note": "counted", "token": token})

    assert form.is_valid() is is_valid
    refusal = ["A difference of 0 changes nothing."]
    assert form.errors == ({} if is_valid else {"difference": refusal})
    if is_valid:
        assert form.cleaned_data["difference"] == int(difference)
