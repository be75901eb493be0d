"""What the packing desk shows of the promise, and writes for the carriers' programs."""
# ruff: noqa: RUF001 (full-width text, as the carriers' programs have it)

import csv
import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.admin.packing.labels import sagawa_ehiden, yamato_b2
from backoffice.admin.packing.selectors import Readiness, select
from checkout.shipping.slots import slots_of
from orders.models import Carrier, Order
from tests.backoffice.answers import text_of
from tests.conftest import Clock
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]
DESK = "admin:backoffice_ordertoship_"
# Tue 1 Dec in Tokyo.
TUESDAY = "2026-12-01T01:48:00+00:00"


@pytest.fixture
def packer(client: Client, clock: Clock) -> Client:
    clock.move_to(TUESDAY)
    client.force_login(make_staff("view_order", "ship_order"))
    return client


def promised(ship_by: date | None, **fields: object) -> Order:
    """Make an order to pack with these days."""
    order = make_charged_order({"MUG-01": 1})
    Order.objects.filter(pk=order.pk).update(ship_by=ship_by, **fields)
    return order


def test_what_must_leave_first_comes_first(packer: Client) -> None:
    later = promised(date(2026, 12, 3))
    today, also = (promised(date(2026, 12, 1)) for _order in range(2))
    late, without = promised(date(2026, 11, 30)), promised(None)
    wanted = [without, late, today, also, later]

    assert list(select(Readiness.READY)) == wanted
    numbers = [order.number for order in wanted]
    for page in ("changelist", "pick"):
        shown = text_of(packer.get(reverse(f"{DESK}{page}"), {"order": numbers}))
        places = [shown.rindex(number) for number in numbers]
        assert places == sorted(places), page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Ship by Mon 30 Nov", "Sun 6 Dec 14:00–16:00", "Arrives Fri 4 Dec")),
        ("ja", ("出荷期限：11月30日(月)", "12月6日(日) 14:00–16:00", "12月4日(金)")),
    ],
)
def test_the_desk_shows_the_days(
    packer: Client, language: str, said: tuple[str, ...]
) -> None:
    wishing = promised(
        date(2026, 11, 30), delivery_on=date(2026, 12, 6), delivery_slot="1416"
    )
    friday = date(2026, 12, 4)
    promised(
        date(2026, 12, 1),
        promised_from=friday,
        promised_until=friday,
        shipping_method="Parcel",
    )
    headers = {"accept-language": language}

    shown = text_of(packer.get(reverse(f"{DESK}changelist"), headers=headers))
    scan = reverse(f"{DESK}scan")
    opened = text_of(packer.get(scan, {"order": wishing.number}, headers=headers))

    for text in (*said, "Parcel"):
        assert text in shown
    for text in said[:2]:
        assert text in opened


def test_what_is_late_or_due_today_is_marked(packer: Client) -> None:
    for day in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)):
        promised(day)

    shown = packer.get(reverse(f"{DESK}changelist")).content.decode()

    for mark, text in (
        ("none", "Mon 30 Nov"),
        ("low", "Tue 1 Dec"),
        ("plain", "Wed 2"),
    ):
        assert f'<span class="badge {mark}">Ship by {text}' in shown


@pytest.mark.parametrize(
    ("carrier", "slot", "code"),
    [
        ("yamato", "am", "0812"),
        ("yamato", "1921", "1921"),
        ("sagawa", "am", "01"),
        ("sagawa", "1214", "12"),
        ("sagawa", "1821", "04"),
        ("sagawa", "1921", "19"),
    ],
)
def test_a_label_has_day_and_slot_as_its_program_takes_them(
    packer: Client, carrier: str, slot: str, code: str
) -> None:
    order = promised(None, delivery_on=date(2026, 12, 6), delivery_slot=slot)

    row = label(packer, carrier, order)

    columns = {
        "yamato": ("お届け予定日", "配達時間帯", "2026/12/06"),
        "sagawa": ("配達日", "配達指定時間帯", "20261206"),
    }
    day_column, slot_column, day = columns[carrier]
    assert (row[day_column], row[slot_column]) == (day, code)


@pytest.mark.parametrize("carrier", ["yamato", "sagawa"])
def test_a_label_without_a_wish_leaves_both_empty(packer: Client, carrier: str) -> None:
    row = label(packer, carrier, promised(date(2026, 12, 1)))

    for column in ("お届け予定日", "配達時間帯", "配達日", "配達指定時間帯"):
        assert row.get(column, "") == ""


def test_a_slot_of_another_carrier_is_said(packer: Client) -> None:
    order = promised(None, delivery_slot="1214")
    page = reverse(f"{DESK}labels", args=["yamato"])

    answer = packer.get(page, {"order": order.number})

    assert answer.status_code == 422
    assert "配達時間帯: the program has no slot 12:00–14:00." in text_of(answer)


def test_every_slot_of_a_carrier_has_a_code() -> None:
    assert set(slots_of(Carrier.YAMATO)) == set(yamato_b2.SLOTS)
    assert set(slots_of(Carrier.SAGAWA)) == set(sagawa_ehiden.SLOTS)


def label(packer: Client, carrier: str, order: Order) -> dict[str, str]:
    """Return the order's row in the carrier's file."""
    page = reverse(f"{DESK}labels", args=[carrier])
    answer = packer.get(page, {"order": order.number})
    names, line = csv.reader(io.StringIO(answer.content.decode("cp932")))
    return dict(zip(names, line, strict=True))
