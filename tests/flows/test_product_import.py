"""A file of goods is taken over line by line; wrong lines are left out, with why."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from flows.goods_sheet.changes import plan
from flows.goods_sheet.services import take_over
from flows.goods_sheet.sheet import read
from flows.product_import.models import ImportLine, ProductImport
from flows.product_import.services import take_in
from inventory.models import StockItem
from inventory.services import announce
from saga.engine import run
from saga.models import Saga, State
from saga.operations import cancel
from shop.catalogue.models import Product, Variant
from tests.backoffice.answers import text_of
from tests.conftest import Clock
from tests.flows.runs import go_on
from tests.support.catalogue import make_category, make_product
from tests.support.staff import make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HEAD = "sku,product,category,name_en,name_ja,price,received\n"
RIGHT = "CAP-01,cap,kitchen,Cap,帽子,2000,5\nMUG-01,mug,kitchen,Mug,マグ,1500,3\n"
WRONG = "TEA-01,tea,nowhere,Tea,お茶,900,\nMUG-01,mug,,,,cheap,\n"


def take(text: str) -> tuple[ProductImport, Saga]:
    make_product()
    source = take_in(read(text), "goods.csv", "yuki", "en")
    saga = Saga.objects.get(definition="product_import")
    run(saga.pk)
    saga.refresh_from_db()
    source.refresh_from_db()
    return source, saga


def price(sku: str) -> int:
    return Variant.objects.get(sku=sku).price_minor


def test_right_lines_are_imported_and_wrong_ones_say_why(clock: Clock) -> None:
    source, saga = take(HEAD + RIGHT + WRONG)

    assert saga.state == State.DONE
    assert (source.imported, source.refused) == (2, 2)
    assert (price("CAP-01"), price("MUG-01")) == (2000, 1500)
    on_hand = dict(StockItem.objects.values_list("sku", "on_hand"))
    assert on_hand == {"CAP-01": 5, "MUG-01": 13}
    errors = {line.row: line.error for line in ImportLine.objects.exclude(error="")}
    assert list(errors) == [4, 5]
    assert "category" in errors[4]
    assert "“cheap” is not an amount." in errors[5]


def test_of_two_lines_of_one_sku_the_first_is_imported(clock: Clock) -> None:
    twice = RIGHT + "MUG-01,mug,kitchen,Mug,マグ,1700,4\n"
    source, saga = take(HEAD + twice)

    assert saga.state == State.DONE
    assert (source.imported, source.refused) == (2, 1)
    assert price("MUG-01") == 1500
    assert StockItem.objects.get(sku="MUG-01").on_hand == 13
    line = ImportLine.objects.get(row=4)
    assert line.error == "This SKU is in the sheet twice."


def test_lines_that_stopped_in_the_middle_are_resumed(clock: Clock) -> None:
    make_product()
    take_in(read(HEAD + RIGHT), "goods.csv", "yuki", "en")
    saga = Saga.objects.get(definition="product_import")
    run(saga.pk, "flows.run")
    first = Saga.objects.get(reference=f"{saga.reference}/0")
    run(first.pk, "flows.run")
    assert Product.objects.filter(slug="cap").exists()

    go_on(clock)
    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert StockItem.objects.get(sku="CAP-01").on_hand == 5


def test_undone_the_goods_have_what_they_had(clock: Clock) -> None:
    make_product()
    announce("MUG-01", 2, "maker", "ordered", "yuki")
    take_in(read(HEAD + RIGHT), "goods.csv", "yuki", "en")
    saga = Saga.objects.get(definition="product_import")
    run(saga.pk, "flows.run")
    for item in Saga.objects.filter(parent=saga):
        run(item.pk, "flows.run")
    saga.refresh_from_db()
    cancel(saga, "ken", "wrong file")
    go_on(clock)

    saga.refresh_from_db()
    assert saga.state == State.COMPENSATED
    assert price("MUG-01") == 1800
    assert not Variant.objects.get(sku="CAP-01").is_active
    on_hand = dict(StockItem.objects.values_list("sku", "on_hand"))
    assert on_hand == {"CAP-01": 0, "MUG-01": 12}
    assert StockItem.objects.get(sku="MUG-01").awaited == 2


def test_a_line_that_staff_cancelled_is_listed(clock: Clock) -> None:
    make_product()
    source = take_in(read(HEAD + RIGHT), "goods.csv", "yuki", "en")
    saga = Saga.objects.get(definition="product_import")
    run(saga.pk, "flows.run")
    cancel(Saga.objects.get(reference=f"{saga.reference}/0"), "ken", "not this one")
    go_on(clock)
    source.refresh_from_db()
    assert (source.imported, source.refused) == (1, 1)
    assert list(source.lines.values_list("error", flat=True)) == ["cancelled", ""]


def test_staff_upload_a_file_and_get_its_wrong_lines_back(
    client: Client, clock: Clock
) -> None:
    make_category()
    user = make_staff(
        *("change_product", "add_product", "change_stockitem"),
        *("view_productimport", "view_importline", "view_flow"),
    )
    client.force_login(user)
    address = "/admin/flows/productimport/"
    file = SimpleUploadedFile("goods.csv", (HEAD + RIGHT + WRONG).encode())
    assert client.post(f"{address}upload/", {"file": file}).status_code == 302
    run(Saga.objects.get(definition="product_import").pk)
    source = ProductImport.objects.get()
    page = text_of(client.get(f"{address}{source.pk}/change/"))
    assert "is not an amount" in page
    flow = Saga.objects.get(definition="product_import")
    console = text_of(client.get(f"/admin/backoffice/flow/{flow.pk}/change/"))
    assert "is not an amount" in console
    answer = client.get(f"{address}{source.pk}/wrong/")
    wrong = read(answer.getvalue().decode().lstrip("\ufeff"))
    assert [line["sku"] for line in wrong] == ["TEA-01", "MUG-01"]
    odd = SimpleUploadedFile("goods.csv", b"name\nx\n")
    assert client.post(f"{address}upload/", {"file": odd}).status_code == 422


def test_what_is_set_between_the_preview_and_the_saving_stays() -> None:
    make_product()
    changes = plan(read("sku,weight_grams\nMUG-01,700\n"))
    Variant.objects.filter(sku="MUG-01").update(price_minor=1200)

    take_over(changes, "sheet-1", "yuki")

    variant = Variant.objects.get(sku="MUG-01")
    assert (variant.weight_grams, variant.price_minor) == (700, 1200)
