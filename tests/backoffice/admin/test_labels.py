"""The files for the carriers' programs, from the packing desk."""
# ruff: noqa: RUF001 (full-width text, as the carriers' programs have it)

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.admin.packing.labels.sagawa_ehiden import SAGAWA
from backoffice.admin.packing.labels.table import Column, Format, cut, make_table
from backoffice.admin.packing.labels.yamato_b2 import YAMATO
from orders.models import Order
from tests.backoffice.answers import text_of
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]


@pytest.fixture
def packer(client: Client) -> Client:
    """Return a client who may ship orders and see them."""
    client.force_login(make_staff("view_order", "ship_order"))
    return client


def label_file(packer: Client, carrier: str, *orders: Order) -> list[list[str]]:
    page = reverse("admin:backoffice_ordertoship_labels", args=[carrier])
    answer = packer.get(page, {"order": [order.number for order in orders]})
    assert answer.status_code == 200, answer.content.decode()
    text = answer.content.decode("cp932")
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(("wanted", "columns"), [(YAMATO, 42), (SAGAWA, 74)])
def test_a_label_file_has_the_columns_of_its_program(
    packer: Client, wanted: Format, columns: int
) -> None:
    order = make_charged_order({"MUG-01": 2})
    Order.objects.update(
        name="港 花子",
        name_kana="ミナト ハナコ・ヴガヵー",
        city="港区",
        street="芝公園4-2-8",
        building="塔ビル 1階",
    )

    names, line = label_file(packer, wanted.slug, order)

    assert len(names) == len(line) == columns
    row = dict(zip(names, line, strict=True))
    assert row["お客様管理番号"] == order.number
    assert row["お届け先電話番号"] == order.phone
    assert row["お届け先郵便番号"] == order.postcode
    if wanted is YAMATO:
        assert row["お届け先住所"].endswith("港区芝公園4-2-8")
        assert row["お届け先アパートマンション名"] == "塔ビル 1階"
        assert row["お届け先名"] == "港 花子"
        assert row["お届け先名(ｶﾅ)"] == "ﾐﾅﾄ ﾊﾅｺ･ｳﾞｶﾞｶｰ"
    else:
        address = "".join(row[f"お届け先住所{n}"] for n in "１２３")
        assert address.endswith("港区芝公園4-2-8 塔ビル 1階")
        assert row["お届け先名称１"] == "港 花子"
    limits = {column.name: column.limit for column in wanted.columns if column.limit}
    for name, limit in limits.items():
        assert len(row[name].encode("cp932")) <= limit, name


def test_what_the_program_cannot_hold_is_said_by_line(packer: Client) -> None:
    good, bad = (make_charged_order({"MUG-01": 1}) for _order in range(2))
    Order.objects.filter(pk=bad.pk).update(name="\U00020bb7野", street="あ" * 40)
    page = reverse("admin:backoffice_ordertoship_labels", args=["yamato"])
    numbers = {"order": [good.number, bad.number]}

    answer = packer.get(page, numbers)

    assert answer.status_code == 422
    said = text_of(answer)
    assert f"Line 2, {bad.number}" in said
    assert "お届け先名: the program has no characters \U00020bb7." in said
    assert "at most 64 fit" in said
    rest = packer.get(page, {**numbers, "rest": "yes"})
    assert good.number.encode() in rest.content
    assert bad.number.encode() not in rest.content


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(begin: str) -> None:
    wanted = Format("x", "X", (Column("name", field="name", limit=32),))

    table = make_table(wanted, [("1", {"name": f"{begin}cmd\r\n"})])

    [[cell]] = table.lines
    assert cell[0] not in "=+-@"
    assert cell.endswith("cmd")


def test_a_text_is_cut_between_characters() -> None:
    assert cut("あいう", 5) == "あい"
    assert cut("abc", 3) == "abc"
    wanted = Format("x", "X", (Column("g", field="g", limit=4, may_cut=True),))
    assert make_table(wanted, [("1", {"g": "あいう"})]).lines == [["あい"]]


def test_an_order_abroad_has_no_line_in_a_file_for_japan() -> None:
    texts = {"abroad": "France"}
    for wanted in (YAMATO, SAGAWA):
        table = make_table(wanted, [("A-1", texts), ("A-2", {})])
        (problem,) = table.problems
        assert (problem.line, problem.number, len(table.lines)) == (1, "A-1", 1)
        assert problem.text == f"Goes to France: {wanted.title} is for Japan only."
