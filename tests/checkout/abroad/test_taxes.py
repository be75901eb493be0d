"""Taxes of other countries that the shop collects, from the cart to the books."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from checkout.accounting import sales, tables
from checkout.accounting.journal import entries
from checkout.accounting.period import Period
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages.substitutes import candidates
from checkout.cart.pricing import quote
from checkout.paper.bills import make_bill
from checkout.paper.kinds import PaperKind
from checkout.paper.services import issue
from checkout.paper.slips import make_slips
from checkout.payments.fake.gateway import FakeGateway
from checkout.shipping.models import DeliveryCountry
from checkout.status.sagas import saga_of
from events.models import Event
from events.router import route_all
from orders.models import Order
from saga.engine import run
from shop.database_clock import read_day
from shop.money import with_other_tax
from tests.support.abroad import GERMAN
from tests.support.ordering import place
from tests.support.orders import VISA
from tests.support.promotions import make_code, with_coupon
from tests.support.shipping import deliver_to
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    make_cart,
    purchase_form,
    text_of,
)
from tests.support.shortages import article, report

pytestmark = pytest.mark.django_db
ENTERED = GERMAN | {"delivery": ""}
VAT = ("VAT", 19, 7)


def parts_of(order: Order) -> list[tuple[int, int, int]]:
    return [(part["rate"], part["gross"], part["tax"]) for part in order.tax]


@pytest.mark.both_databases
def test_a_tax_is_collected_by_class_from_the_form_to_the_books(
    client: Client, goods: None, gateway: FakeGateway
) -> None:
    deliver_to("DE", 2000, tax=VAT)
    DeliveryCountry.objects.update(tax_number="DE811569869")
    DeliveryCountry.objects.get().save()
    fill(client, {"MUG-01": 2, "TEA-01": 1})

    assert client.post(INFORMATION, GERMAN)["Location"] == CONFIRMATION
    page = text_of(client.get(CONFIRMATION))
    client.post(CONFIRMATION, purchase_form(client, VISA))
    order = Order.objects.get()
    run(saga_of(order).pk)
    order.refresh_from_db()

    # 1,800 is 1,636.36 without Japan's 10 %, and 1,947.27 with 19 %. 700: 693.52.
    assert [(one.unit_minor, one.tax_rate) for one in order.lines.all()] == [
        (1947, 19),
        (694, 7),
    ]
    # Shipping is of the standard rate. Each tax is rounded once.
    assert parts_of(order) == [(19, 2 * 1947 + 2000, 941), (7, 694, 45)]
    assert order.total_minor == 2 * 1947 + 694 + 2000
    assert "of which 19 % VAT on ¥5,894" in page
    assert "VAT of the destination is included" in page
    assert "free of Japanese" not in page
    tracked = text_of(client.get(f"/orders/{order.uid}/"))
    assert "of which 7 % VAT on ¥694" in tracked

    day = Period(read_day(), read_day())
    booked = [tables.journal_row(entry) for entry in entries(day)]
    assert [(row[5], row[6], row[7], row[8]) for row in booked] == [
        (19, "DE", 5894, 941),
        (7, "DE", 694, 45),
    ]
    names = [(row.name, row.charged, row.tax) for row in sales.by_rate(day)]
    assert names == [("19 % (Germany)", 5894, 941), ("7 % (Germany)", 694, 45)]
    route_all()
    (event,) = Event.objects.filter(type="payment.captured")
    assert event.data["tax_country"] == "DE"
    assert event.data["taxes"][0] == {"rate": 19, "gross": 5894, "tax": 941}


def test_a_receipt_says_tax_and_number_and_marks_nothing_of_japan(
    goods: None, gateway: FakeGateway
) -> None:
    """Also of a rate that Japan has for food and drink."""
    deliver_to("DE", 2000, tax=("VAT", 10, 8))
    country = DeliveryCountry.objects.get()
    country.tax_number = "DE811569869"
    country.save()
    order, saga = place(make_cart({"MUG-01": 1, "TEA-01": 1}, ENTERED))
    run(saga.pk)
    order.refresh_from_db()

    paper = make_bill(issue(order, PaperKind.RECEIPT, "Eva Weiss"))
    (note,) = make_slips(PaperKind.DELIVERY_NOTE, order)

    facts = {fact.label: fact.value for fact in paper.taxes}
    # Prices are as in Japan, because the rates are.
    assert facts == {
        "10 % total (VAT included)": "¥3,800, of which VAT ¥345",
        "8 % total (VAT included)": "¥700, of which VAT ¥52",
        "VAT number": "DE811569869",
    }
    assert "Total (export, VAT included)" in [fact.label for fact in paper.amounts]
    for document in (paper, note):
        assert not any("※" in line.name for line in document.lines)
        assert not any("reduced" in str(text) for text in document.notes)


def test_the_same_rate_of_two_countries_is_two_rows(
    goods: None, gateway: FakeGateway
) -> None:
    deliver_to("AU", 2000, tax=("GST", 10, 0))
    sydney = ENTERED | {"country": "AU", "city": "Sydney", "region": "NSW"}
    for recipient in (RECIPIENT, sydney | {"postcode": "2000"}):
        cart = make_cart({"MUG-01": 1, "TEA-01": 1}, recipient)
        _order, saga = place(cart)
        run(saga.pk)
    day = Period(read_day(), read_day())
    sums = tables.Sums()
    for entry in entries(day):
        sums.add(entry)
    rows = [(row[2], row[3], row[5], row[6]) for row in sums.rows()]
    # 700 yen of tea are 648.15 without any tax.
    assert rows == [
        *[(10, "JP", 2400, 218), (8, "JP", 700, 52)],
        *[(10, "AU", 3800, 345), (0, "AU", 648, 0)],
    ]
    names = [row.name for row in sales.by_rate(day)]
    assert names == ["10 %", "8 %", "10 % (Australia)", "0 % (Australia)"]


@pytest.mark.parametrize(("up_to", "total"), [(3272, 5894), (3271, 5272)])
def test_above_the_limit_customs_collect_it(
    goods: None, up_to: int, total: int
) -> None:
    """Two mugs are worth 3,272 yen without tax."""
    deliver_to("DE", 2000, tax=VAT, up_to=up_to)
    priced = quote(make_cart({"MUG-01": 2}, ENTERED))
    assert priced.total.minor == total
    assert priced.tax_name == ("VAT" if total == 5894 else "")
    assert [line.rate for line in priced.tax] == [19 if total == 5894 else 0]


def test_a_discount_brings_the_worth_below_the_limit(goods: None) -> None:
    """What counts is what is paid: 1,947 less 194 is 1,753, without 19 % 1,473."""
    deliver_to("DE", 2000, tax=VAT, up_to=1473)
    cart = make_cart({"MUG-01": 1}, ENTERED)
    assert quote(cart).tax_name == ""
    cart = with_coupon(cart, make_code())
    assert quote(cart).tax_name == "VAT"


def test_the_same_price_contains_the_tax(goods: None) -> None:
    deliver_to("DE", 2000, prices="same", tax=VAT)
    priced = quote(make_cart({"MUG-01": 2, "TEA-01": 1}, ENTERED))
    assert priced.total.minor == 2 * 1800 + 700 + 2000
    # 5,600 * 19 / 119 and 700 * 7 / 107.
    assert [(one.rate, one.tax.minor) for one in priced.tax] == [(19, 894), (7, 46)]


def test_a_substitute_has_the_tax_of_its_order(
    goods: None, gateway: FakeGateway
) -> None:
    deliver_to("DE", tax=VAT, up_to=1700)
    article(price=1500)
    prices = []
    for units in (1, 2):
        order, saga = place(make_cart({"MUG-01": units}, ENTERED))
        run(saga.pk)
        asked = report(order, {"MUG-01": 1})
        shortage = shortages.record(order, asked, shelf_is_empty=False)
        (row,) = shortages.missing(shortage)
        prices.append(candidates(row)["CUP-01"].unit.minor)
    # The second order was above the limit, and so free of tax.
    assert prices == [1623, 1364]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "fields",
    [
        {"tax_name": "VAT"},
        {"standard_rate": 20, "reduced_rate": 5},
        {"tax_name": "VAT", "standard_rate": 20},
        {"tax_name": "VAT", "standard_rate": 51, "reduced_rate": 5},
    ],
)
def test_a_tax_has_a_name_and_both_rates_or_is_none(
    admin_client: Client, goods: None, fields: dict[str, Any]
) -> None:
    deliver_to("DE")
    row = DeliveryCountry.objects.get()
    page = reverse("admin:checkout_deliverycountry_change", args=[row.pk])
    typed = {"code": "DE", "zone": row.zone_id, "prices": "net", "is_active": "on"}

    refused = admin_client.post(page, typed | fields)

    assert refused.status_code == 200
    assert "or leave all three empty" in text_of(refused)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryCountry.objects.update(**fields)
    whole = {"tax_name": "VAT", "standard_rate": 20, "reduced_rate": 5}
    limit = {"tax_up_to_minor": "25,000", "tax_number": "DE1"}
    assert admin_client.post(page, typed | whole | limit).status_code == 302
    row.refresh_from_db()
    assert (row.tax_name, row.tax_up_to_minor) == ("VAT", 25000)
    listed = admin_client.get(reverse("admin:checkout_deliverycountry_changelist"))
    assert "VAT 20 %, 5 %" in text_of(listed)


@pytest.mark.parametrize(
    ("gross", "rate", "other", "expected"),
    [(1800, 10, 0, 1636), (700, 8, 0, 648), (1800, 10, 10, 1800), (1, 10, 25, 1)],
)
def test_one_rounding_takes_a_tax_off_and_puts_another_on(
    gross: int, rate: int, other: int, expected: int
) -> None:
    assert with_other_tax(gross, rate, other) == expected


def test_the_legal_notice_says_where_tax_is_included(
    client: Client, goods: None
) -> None:
    deliver_to("DE", tax=VAT)
    deliver_to("US")
    assert "Germany: VAT is included." in text_of(client.get("/pages/legal/"))
