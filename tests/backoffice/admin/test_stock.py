"""The pages of the stock: counters are shown, units are booked with a reason."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Movement, StockItem
from inventory.services import receive, reserve
from shop.catalogue.models import Category, Product, Variant
from tests.backoffice.answers import messages
from tests.support.catalogue import make_product
from tests.support.staff import make_staff

LIST = "/admin/inventory/stockitem/"


@pytest.fixture
def item(db: None) -> StockItem:
    receive("MUG", 10, "opening")
    reserve("261122-AAAAAA", {"MUG": 4}, expires_at=None)
    return StockItem.objects.get()


@pytest.fixture
def keeper(client: Client, db: None) -> Client:
    """Return a client who may look after the stock."""
    client.force_login(make_staff("view_stockitem", "change_stockitem", name="soko"))
    return client


def counts(item: StockItem) -> tuple[int, int]:
    item.refresh_from_db()
    return item.on_hand, item.held


def test_receiving_books_a_movement_and_says_the_new_count(
    keeper: Client, item: StockItem
) -> None:
    page = reverse("admin:inventory_stockitem_receive", args=[item.pk])
    answer = keeper.post(
        page, {"quantity": 5, "reference": "DN-1", "note": "two boxes"}, follow=True
    )
    assert messages(answer) == ["MUG: now 15 on hand, 11 free."]
    assert counts(item) == (15, 4)
    line = Movement.objects.get(reference="DN-1")
    assert (line.quantity, line.note, line.actor) == (5, "two boxes", "soko")


def test_the_same_delivery_note_counts_once(keeper: Client, item: StockItem) -> None:
    page = reverse("admin:inventory_stockitem_receive", args=[item.pk])
    sent = {"quantity": 5, "reference": "DN-1"}
    keeper.post(page, sent)
    again = keeper.post(page, sent, follow=True)
    assert "was booked before, so nothing was changed" in messages(again)[-1]
    assert counts(item) == (15, 4)


@pytest.mark.parametrize("quantity", ["0", "-3", "", "many"])
def test_a_receipt_of_nothing_is_refused(
    keeper: Client, item: StockItem, quantity: str
) -> None:
    page = reverse("admin:inventory_stockitem_receive", args=[item.pk])
    answer = keeper.post(page, {"quantity": quantity, "reference": "DN-1"})
    assert answer.status_code == 422
    assert 'value="DN-1"' in answer.content.decode()
    assert counts(item) == (10, 4)


def test_goods_never_in_stock_are_received_by_their_sku(
    keeper: Client, item: StockItem
) -> None:
    category = Category.objects.create(slug="cups", name_en="Cups", name_ja="カップ")
    product = Product.objects.create(
        category=category, slug="cup", name_en="Cup", name_ja="カップ", tax_rate=10
    )
    Variant.objects.create(product=product, sku="CUP", price_minor=900)
    page = reverse("admin:inventory_stockitem_new_goods")
    keeper.post(page, {"sku": "CUP", "quantity": 3, "reference": "DN-2"})
    assert StockItem.objects.get(sku="CUP").on_hand == 3


def test_a_mistyped_sku_books_nothing(keeper: Client, item: StockItem) -> None:
    page = reverse("admin:inventory_stockitem_new_goods")
    answer = keeper.post(page, {"sku": "MGU", "quantity": 3, "reference": "DN-2"})
    assert answer.status_code == 422
    assert "No variant in the catalogue has this SKU" in answer.content.decode()
    assert not StockItem.objects.filter(sku="MGU").exists()


def adjust(client: Client, item: StockItem, **sent: str) -> tuple[str, dict[str, str]]:
    page = reverse("admin:inventory_stockitem_adjust", args=[item.pk])
    token = client.get(page).context["form"]["token"].value()
    return page, {"token": token, "note": "counted again", "difference": "-2"} | sent


def test_adjusting_books_the_difference_with_its_reason_once(
    keeper: Client, item: StockItem
) -> None:
    page, sent = adjust(keeper, item)
    keeper.post(page, sent)
    keeper.post(page, sent)
    assert counts(item) == (8, 4)
    line = Movement.objects.get(kind="adjust")
    assert (line.quantity, line.note, line.actor) == (-2, "counted again", "soko")


@pytest.mark.parametrize("sent", [{"note": ""}, {"difference": "0"}, {"token": "x"}])
def test_an_adjustment_without_reason_or_difference_is_refused(
    keeper: Client, item: StockItem, sent: dict[str, str]
) -> None:
    page, form = adjust(keeper, item, **sent)
    assert keeper.post(page, form).status_code == 422
    assert counts(item) == (10, 4)


def test_promised_units_cannot_be_adjusted_away(
    keeper: Client, item: StockItem
) -> None:
    page, sent = adjust(keeper, item, difference="-7")
    answer = keeper.post(page, sent)
    assert answer.status_code == 422
    assert "Only 6 are free" in answer.content.decode()
    assert counts(item) == (10, 4)
    assert not Movement.objects.filter(kind="adjust").exists()


def test_the_counters_themselves_cannot_be_typed_in(
    keeper: Client, item: StockItem
) -> None:
    page = reverse("admin:inventory_stockitem_change", args=[item.pk])
    keeper.post(page, {"low_at": "9", "on_hand": "999", "held": "0", "sku": "X"})
    assert counts(item) == (10, 4)
    assert (item.low_at, item.sku) == (9, "MUG")


def test_viewers_book_nothing(client: Client, item: StockItem) -> None:
    client.force_login(make_staff("view_stockitem", name="miru"))
    page = reverse("admin:inventory_stockitem_receive", args=[item.pk])
    assert client.post(page, {"quantity": 5, "reference": "DN-1"}).status_code == 403
    html = client.get(LIST).content.decode()
    assert "Receive goods" not in html
    assert counts(item) == (10, 4)


def test_the_low_filter_lists_what_runs_out(keeper: Client, item: StockItem) -> None:
    receive("PEN", 100, "opening")
    receive("CAP", 5, "opening")
    reserve("261122-BBBBBB", {"CAP": 5}, expires_at=None)

    def skus(chosen: str) -> list[str]:
        answer = keeper.get(LIST, {"free": chosen})
        return [row.sku for row in answer.context["cl"].result_list]

    assert skus("low") == ["CAP"]
    assert skus("none") == ["CAP"]
    StockItem.objects.filter(sku="MUG").update(low_at=6)
    assert skus("low") == ["CAP", "MUG"]
    assert "none free" in keeper.get(LIST).content.decode()


def test_the_list_shows_what_the_sku_is(keeper: Client) -> None:
    make_product("tee", skus=("TEE-01",), units=7, name_en="Red Tee", price_minor=900)
    StockItem.objects.create(sku="GONE-01", on_hand=1)
    page = keeper.get(LIST, {"q": "red te"}).content.decode()
    assert re.findall(r"field-(\w+)[^>]*>([^<]+)<", page) == [
        *(
            ("title", "Red Tee (Label TEE-01)"),
            ("shelf", "-"),
            ("on_hand", "7"),
            ("held", "0"),
        ),
        *(("free_units", "7"), ("price", "¥900")),
    ]
    assert re.search(r'<img src="[^"]+" alt="" width="48"', page)
    assert "GONE-01" in keeper.get(LIST).content.decode()


def test_the_list_asks_the_same_for_any_number_of_items(keeper: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            keeper.get(LIST)
        return len(queries)

    make_product("tee", skus=("TEE-01",), units=7)
    statements()
    few = statements()
    for index in range(12):
        make_product(f"p{index}", skus=(f"P-{index}",), units=3)
    assert statements() == few


def test_the_page_shows_holds_and_the_ledger(keeper: Client, item: StockItem) -> None:
    page = reverse("admin:inventory_stockitem_change", args=[item.pk])
    html = keeper.get(page).content.decode()
    assert "261122-AAAAAA" in html
    assert "opening" in html


def test_the_start_page_says_how_much_runs_out(keeper: Client, item: StockItem) -> None:
    assert "of stock" not in keeper.get("/admin/").content.decode()
    StockItem.objects.update(low_at=6)
    html = keeper.get("/admin/").content.decode()
    assert "1 product is low on stock" in html
    assert f"{LIST}?free=low" in html


def test_goods_are_announced_once_for_each_form_and_not_below_what_is_promised(
    keeper: Client, item: StockItem
) -> None:
    make_product("tape", skus=("TAPE-01",), units=0)
    new = reverse("admin:inventory_stockitem_announce_new")
    assert new in keeper.get(LIST).content.decode()
    sent = {"sku": "TAPE-01", "difference": 30, "note": "spring", "token": str(uuid4())}
    keeper.post(new, sent)
    answer = keeper.post(new, sent, follow=True)
    assert "was booked before" in messages(answer)[-1]
    tape = StockItem.objects.get(sku="TAPE-01")
    assert (tape.on_hand, tape.awaited) == (30, 30)

    page = reverse("admin:inventory_stockitem_announce", args=[item.pk])
    answer = keeper.post(page, {"difference": -1, "token": str(uuid4())})
    assert answer.status_code == 422
    assert "Only 0 are free" in answer.content.decode()
    answer = keeper.post(new, sent | {"sku": "TAPE-99", "token": str(uuid4())})
    assert "No variant in the catalogue has this SKU." in answer.content.decode()
    assert counts(item) == (10, 4)
