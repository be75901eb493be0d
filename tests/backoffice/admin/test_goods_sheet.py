"""Goods go out and come in as a sheet: a preview first, then all lines or none."""

import csv
import re
from datetime import UTC, datetime
from html import unescape
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from xlsxwriter import Workbook

from inventory.models import Movement, StockItem
from shop.catalogue.models import PriceChange, Product, Variant
from tests.support.catalogue import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db

PAGE = "/admin/backoffice/goodssheet/"


def upload(client: Client, text: str, coding: str = "utf-8") -> Any:
    file = SimpleUploadedFile("goods.csv", text.encode(coding))
    return client.post(PAGE, {"file": file})


def confirm(client: Client, preview: Any) -> Any:
    page = preview.content.decode()
    text = re.search(
        r"<textarea name=\"text\"[^>]*>\n(.*?)</textarea>", page, re.DOTALL
    )
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert text
    assert digest
    sent = unescape(text[1]).replace("\n", "\r\n")
    return client.post(PAGE, {"text": sent, "digest": digest[1]}, follow=True)


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def test_what_goes_out_comes_in_unchanged(admin_client: Client) -> None:
    mug = make_product(skus=("MUG-01",), name_en="=1+1", name_ja="マグ")
    make_variant(mug, "MUG-02", 12345, sale_minor=12000)
    answer: Any = admin_client.get(f"{PAGE}csv/")
    text = b"".join(answer.streaming_content).decode()

    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))
    # A name is no formula.
    assert [row["name_en"] for row in rows] == ["'=1+1", "'=1+1"]
    assert (rows[1]["price"], rows[1]["sale_price"]) == ("12,345", "12,000")
    assert (rows[0]["free"], rows[0]["on_sale"]) == ("10", "yes")
    assert "2 lines change nothing." in words(upload(admin_client, text))


def test_a_preview_changes_nothing_and_its_button_changes_all(
    admin_client: Client,
) -> None:
    make_product(skus=("MUG-01", "MUG-02"))
    sheet = (
        "sku,price,sale_price,sale_until,weight_grams,on_sale,received\n"
        "MUG-01,2000,1500,2030-01-01 10:00,350,yes,7\n"
        "MUG-02,1800,,,0,no,\n"
    )
    preview = upload(admin_client, sheet)
    seen = words(preview)
    assert preview.status_code == 200
    assert "price: ¥1,800 → ¥2,000" in seen
    assert "7 units received" in seen
    assert "on sale: yes → no" in seen
    assert Variant.objects.get(sku="MUG-01").price_minor == 1800

    assert "2 lines were imported." in words(confirm(admin_client, preview))

    first = Variant.objects.get(sku="MUG-01")
    assert (first.price_minor, first.sale_minor, first.weight_grams) == (
        2000,
        1500,
        350,
    )
    assert first.sale_until == datetime(2030, 1, 1, 1, tzinfo=UTC)
    assert not Variant.objects.get(sku="MUG-02").is_active
    assert StockItem.objects.get(sku="MUG-01").on_hand == 17
    assert PriceChange.objects.get(sku="MUG-01").actor == "admin"
    assert Movement.objects.get(quantity=7).actor == "admin"


def test_the_same_sheet_is_received_once(admin_client: Client) -> None:
    make_product()
    sheet = "sku,received\nMUG-01,7\n"
    for _time in range(2):
        confirm(admin_client, upload(admin_client, sheet))
    assert StockItem.objects.get(sku="MUG-01").on_hand == 17


def test_new_goods_come_with_their_first_units(admin_client: Client) -> None:
    make_category("kitchen")
    sheet = (
        "sku,product,category,name_en,name_ja,label_en,label_ja,price,received\n"
        "CUP-S,cup,kitchen,Cup,杯,Small,小,900,3\n"
        "CUP-L,cup,,,,Large,大,1200,0\n"
    )
    confirm(admin_client, upload(admin_client, sheet))

    cup = Product.objects.get(slug="cup")
    assert [v.sku for v in cup.variants.order_by("pk")] == ["CUP-S", "CUP-L"]
    assert StockItem.objects.get().on_hand == 3
    assert "Cup" in Client().get("/search/?q=cup").content.decode()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("MUG-01,much,,,", "“much” is not an amount."),
        ("MUG-01,1800,1800,,", "The sale price must be lower than the price."),
        ("MUG-01,,,,", "This is needed."),
        ("MUG-01,1800,,-1,", "“-1” is not a whole number."),
        ("MUG-01,1800,,²,", "“²” is not a whole number."),
        ("MUG-01,1800,,,soon", "“soon” is not a time"),
        ("NEW-01,1800,,,", "This field cannot be"),
        ("MUG-01,1800,,,\nMUG-01,1800,,,", "This SKU is in the sheet twice."),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_nothing_is_imported(
    admin_client: Client, line: str, problem: str
) -> None:
    make_product(skus=("MUG-01", "MUG-02"))
    sheet = f"sku,price,sale_price,received,sale_from\nMUG-02,5,,,\n{line}\n"
    answer = upload(admin_client, sheet)
    assert answer.status_code == 422
    assert problem in words(answer)
    assert 'name="digest"' not in words(answer)
    assert set(Variant.objects.values_list("price_minor", flat=True)) == {1800}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("price\n1\n", "must name the columns"),
        ("sku,colour\nA,1\n", "These columns are not known: colour."),
        ("sku,sku\nA,B\n", "These columns are not known"),
        ("sku\n" + "A-1\n" * 2001, "At most 2000 lines"),
    ],
)
def test_what_is_no_sheet_is_refused(
    admin_client: Client, text: str, problem: str
) -> None:
    answer = upload(admin_client, text)
    assert answer.status_code == 422
    assert problem in words(answer)


def test_a_sheet_of_a_japanese_spreadsheet_is_read(admin_client: Client) -> None:
    make_category("kitchen")
    columns = "sku,product,category,name_en,name_ja,price"
    sheet = f"{columns}\nCUP-01,cup,kitchen,Cup,湯のみ,900\n"
    confirm(admin_client, upload(admin_client, sheet, "cp932"))
    assert Product.objects.get().name_ja == "湯のみ"


def test_goods_that_changed_meanwhile_are_shown_again(admin_client: Client) -> None:
    make_product()
    preview = upload(admin_client, "sku,price\nMUG-01,2000\n")
    Variant.objects.update(price_minor=1900)

    again = confirm(admin_client, preview)

    assert "The goods have changed meanwhile." in words(again)
    assert "¥1,900 → ¥2,000" in words(again)
    assert Variant.objects.get().price_minor == 1900


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("received", "9" * 5000),
        ("weight_grams", "9" * 5000),
        ("sale_from", "0001-01-01 00:00"),
        ("sale_until", "9999-12-31 23:59"),
    ],
)
def test_what_no_database_takes_is_named(
    admin_client: Client, column: str, cell: str
) -> None:
    make_product()
    answer = upload(admin_client, f"sku,{column}\nMUG-01,{cell}\n")
    assert answer.status_code == 422
    assert f"B2 ({column}):" in words(answer)


def test_an_sku_is_never_renamed(admin_client: Client) -> None:
    mug = make_product()
    preview = upload(admin_client, "sku,product,price\nMUG-02,mug,1800\n")
    assert "new" in words(preview)
    confirm(admin_client, preview)
    assert [v.sku for v in mug.variants.order_by("pk")] == ["MUG-01", "MUG-02"]


def workbook(rows: list[list[Any]]) -> bytes:
    """Return an XLSX file with these rows; a time is written as one."""
    stream = BytesIO()
    book = Workbook(stream, {"in_memory": True, "remove_timezone": True})
    sheet = book.add_worksheet()
    time = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            is_time = isinstance(cell, datetime)
            write = sheet.write_datetime if is_time else sheet.write
            write(number, column, cell, *([time] if is_time else []))
    book.close()
    return stream.getvalue()


def send(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("goods.xlsx", content)
    return client.post(PAGE, {"file": file})


def changed(content: bytes, packed: int = ZIP_DEFLATED, /, **parts: bytes) -> bytes:
    """Return the workbook with these parts in place of its own."""
    stream = BytesIO()
    with (
        ZipFile(BytesIO(content)) as before,
        ZipFile(stream, "w", packed) as made,
    ):
        own = {name: before.read(name) for name in before.namelist()}
        for name, data in (own | parts).items():
            made.writestr(name, data)
    return stream.getvalue()


def test_a_workbook_comes_in_as_the_same_sheet(admin_client: Client) -> None:
    make_product(skus=("MUG-01", "MUG-02"))
    when = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
    preview = send(
        admin_client,
        workbook(
            [
                ["sku", "price", "sale_price", "sale_from", "on_sale", "received"],
                ["MUG-01", 2100, 1999.0, when, True, 3],
                [],
                ["MUG-02", "1,900", "", "", "no", ""],
            ]
        ),
    )
    assert preview.status_code == 200
    assert "2 lines were imported." in words(confirm(admin_client, preview))
    mug, other = Variant.objects.order_by("sku")
    assert (mug.price_minor, mug.sale_minor) == (2100, 1999)
    assert mug.sale_from == datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
    assert (other.price_minor, other.is_active) == (1900, False)
    assert StockItem.objects.get(sku="MUG-01").on_hand == 13


def test_what_is_wrong_in_a_workbook_is_named_by_its_cell(admin_client: Client) -> None:
    make_product(skus=("MUG-01",))
    rows = [["sku", "on_sale", "price"], [], ["MUG-01", "perhaps", "free"]]
    said = words(send(admin_client, workbook(rows)))
    assert "B3 (on_sale): “perhaps” is neither yes nor no." in said
    assert "C3 (price): “free” is not an amount." in said


_ODD = b'<?xml version="1.0" encoding="UT8"?>'
SHEET = "xl/worksheets/sheet1.xml"
_ROWS = '<worksheet><sheetData><row r="1"><c r="A1"/></row>{}</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (SHEET, _ROWS.format('<row r="1048576"><c r="A1048576"/></row>')),
        (SHEET, _ROWS.format('<row r="2"><c r="XFD2"/></row>')),
        (SHEET, _ROWS.format("<row>" + "<c/>" * 99 + "</row>")),
        (SHEET, _ROWS.format("<row/>" * 21_000)),
        (SHEET, "<!DOCTYPE x [<!ENTITY a 'b'>]>" + _ROWS.format("")),
        ("xl/media/bomb.xml", "0" * 50_000_000),
    ],
)
def test_a_workbook_that_would_take_memory_is_refused(
    admin_client: Client, name: str, part: str
) -> None:
    good = workbook([["sku"], ["MUG-01"]])
    answer = send(admin_client, changed(good, **{name: part.encode()}))
    assert answer.status_code == 422
    assert "The workbook is too large." in words(answer)


def damaged(content: bytes) -> bytes:
    """Return the workbook with a part that cannot be unpacked."""
    with ZipFile(BytesIO(content)) as book:
        info = book.getinfo(SHEET)
    begin = info.header_offset + 30 + len(info.filename)
    return content[:begin] + b"\xff" * 8 + content[begin + 8 :]


@pytest.mark.parametrize(
    "content",
    [
        damaged(workbook([["sku"], ["MUG-01"]])),
        changed(workbook([["sku"], ["MUG-01"]]), ZIP_LZMA),
        b"PK\x03\x04 and nothing",
        changed(workbook([["sku"]]), **{SHEET: b"<worksheet>"}),
        changed(workbook([["sku"]]), **{"xl/workbook.xml": b"<workbook/>"}),
        changed(
            workbook([["sku"]]), **{SHEET: b'<?xml version="1.0" encoding="UT8"?>'}
        ),
        workbook([["sku"], ["MUG-01"]])[:-30],
    ],
)
def test_what_is_no_workbook_is_refused(admin_client: Client, content: bytes) -> None:
    answer = send(admin_client, content)
    assert answer.status_code == 422
    assert "cannot be read" in words(answer) or "name the columns" in words(answer)
