"""Tracking numbers from a file, at the packing desk."""

import csv
import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.admin.packing import tracking
from checkout.mail.models import OrderMail
from orders.models import Order, Parcel
from tests.backoffice.answers import text_of
from tests.support.parcels import send
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]


TRACKING = "admin:backoffice_ordertoship_tracking"


@pytest.fixture
def packer(client: Client) -> Client:
    """Return a client who may ship orders and see them."""
    client.force_login(make_staff("view_order", "ship_order"))
    return client


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def import_file(client: Client, content: bytes) -> str:
    file = SimpleUploadedFile("numbers.csv", content)
    fields = {"file": file, "carrier": "yamato"}
    return client.post(reverse(TRACKING), fields).content.decode()


def csv_of(*rows: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([("order", "tracking number"), *rows])
    return text.getvalue().encode()


def lines_in(page: str) -> str:
    """Return what the preview's form sends, out of its hidden field."""
    return unescape(page.partition('name="lines" value="')[2].partition('"')[0])


def test_tracking_numbers_are_previewed_then_applied_once(packer: Client) -> None:
    orders = [make_charged_order({"MUG-01": 1}) for _order in range(2)]
    content = csv_of(
        *((each.number, f"10000000000{n}") for n, each in enumerate(orders))
    )

    page = import_file(packer, content)
    assert "2 orders will be shipped" in page
    assert not Parcel.objects.exists()
    sent = {"lines": lines_in(page)}
    first = text_of(packer.post(reverse(TRACKING), sent, follow=True))
    second = text_of(packer.post(reverse(TRACKING), sent, follow=True))

    assert "2 orders are shipped." in first
    assert "0 orders are shipped." in second
    assert "2 were recorded before; nothing changed." in second
    assert {status_of(each) for each in orders} == {"shipped"}
    assert (
        Parcel.objects.count() == OrderMail.objects.filter(kind="shipped").count() == 2
    )
    assert "Recorded before" in import_file(packer, content)


def test_a_line_that_is_wrong_changes_nothing_and_says_why(packer: Client) -> None:
    good, bad, sent = (make_charged_order({"MUG-01": 1}) for _order in range(3))
    send(sent, tracking_number="77777777")
    rows = (
        (good.number, "111111111111"),
        ("261122-NOBODY", "222222222222"),
        (bad.number, ""),
        (bad.number, "77777777"),
        (good.number, "333333333333"),
        (bad.number, "<b>"),
    )

    checked = tracking.check(tracking.parse(csv_of(*rows), "yamato"))

    assert [each.line.line for each in checked] == [2, 3, 4, 5, 6, 7]
    assert [each.problem for each in checked] == [
        "",
        "There is no order 261122-NOBODY.",
        "The tracking number is missing.",
        f"This is the number of a parcel of {sent.number} already.",
        "Line 2 has the same order or tracking number.",
        "Only letters, digits and hyphens.",
    ]
    done = tracking.apply([each.line for each in checked], "yuki")
    assert [bool(each.problem) for each in done] == [False, *[True] * 5]
    assert (status_of(good), status_of(bad)) == ("shipped", "confirmed")


def test_the_files_of_the_carriers_programs_fit_as_they_are(packer: Client) -> None:
    orders = [make_charged_order({"MUG-01": 1}) for _order in range(2)]
    yamato = (
        f"お客様管理番号,送り状種類,伝票番号\r\n{orders[0].number},0,4000-0000-0001\r\n"
    )
    sagawa = (
        f"お客様管理番号,お問い合せ送り状No.\r\n{orders[1].number},500000000001\r\n"
    )

    found = [
        tracking.parse(text.encode("cp932"), "sagawa")[0] for text in (yamato, sagawa)
    ]

    assert [each.number for each in found] == [each.number for each in orders]
    assert [each.tracking for each in found] == ["4000-0000-0001", "500000000001"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The submitted file is empty."),
        (b"a,b\r\n1,2\r\n", "The first line must name the columns"),
        (b"order,tracking\r\n\x81\x20", "neither in UTF-8 nor in Shift_JIS"),
        (b"order,tracking\r\n" + b"1,2\r\n" * 1001, "too many lines"),
        (b"order,tracking\r\n" + b"1" * 600_000, "too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    packer: Client, content: bytes, said: str
) -> None:
    assert said in import_file(packer, content)


@pytest.mark.parametrize("lines", ["", "{}", "[1]", '[{"line": "x"}]', "null", "\0"])
def test_forged_lines_change_nothing(packer: Client, lines: str) -> None:
    order = make_charged_order({"MUG-01": 1})

    packer.post(reverse(TRACKING), {"lines": lines})

    assert status_of(order) == "confirmed"
