"""Every table of the sales report has the same totals, and they are the ledger's."""

from datetime import date

import pytest

from checkout.accounting import sales
from checkout.accounting.period import Period
from orders.models import OrderLine, Payment, RefundLine
from tests.checkout.accounting.ledgers import EARLY, NEXT_DAY, charged, refunded
from tests.support.catalogue import make_product

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def ledger() -> None:
    """Three orders of 6,000 (one in dollars), one refunded in part, one in goods."""
    first, second, dollars = charged(EARLY), charged(NEXT_DAY), charged(currency="USD")
    refunded(first, 1000)
    back = refunded(second, 2000)
    mug = OrderLine.objects.get(order=second, sku="MUG-01")
    RefundLine.objects.create(
        refund=back, line=mug, quantity=1, paid_minor=mug.paid_for(1)
    )
    refunded(dollars, 6000)
    Payment.objects.filter(order=second).update(captured_minor=6010)


@pytest.mark.parametrize(
    "table", [sales.by_day, sales.by_product, sales.by_category, sales.by_rate]
)
def test_the_totals_are_the_same(ledger: None, table: object) -> None:
    rows = table(MARCH)  # type: ignore[operator]

    for whole in sales.total(MARCH):
        mine = [row for row in rows if row.currency == whole.currency]
        assert sum(row.charged for row in mine) == whole.charged
        assert sum(row.refunded for row in mine) == whole.refunded
        assert sum(row.net for row in mine) == whole.net


def test_the_totals_are_the_ledger_s(ledger: None) -> None:
    found = {one.currency: one for one in sales.total(MARCH)}

    assert (found["JPY"].charged, found["JPY"].refunded) == (12_010, 3_000)
    assert (found["USD"].charged, found["USD"].refunded) == (6_000, 6_000)
    assert found["JPY"].orders == 2


def test_every_day_has_a_row_by_the_shop_s_zone(ledger: None) -> None:
    rows = [row for row in sales.by_day(MARCH) if row.currency == "JPY"]

    assert len(rows) == 31
    assert [(row.name, row.charged) for row in rows[:3]] == [
        ("2026-03-01", 0),
        ("2026-03-02", 6_000),
        ("2026-03-03", 6_010),
    ]


def test_goods_are_named_as_in_the_catalogue_today(ledger: None) -> None:
    make_product("mug", skus=("MUG-01",), pictures=0, name_en="Morning Mug")

    rows = {row.detail: row for row in sales.by_product(MARCH) if row.currency == "JPY"}

    assert rows["MUG-01"].name.startswith("Morning Mug")
    assert (rows["MUG-01"].units, rows["MUG-01"].charged) == (4, 7_200)
    assert rows["MUG-01"].refunded == 1_800
    assert rows["TEA-01"].name == "Article TEA-01"


def test_shipping_and_what_has_no_goods_have_rows(ledger: None) -> None:
    rows = {row.name: row for row in sales.by_product(MARCH) if row.currency == "JPY"}

    assert rows["Shipping"].charged == 1_200
    assert rows["Difference between charge and order"].charged == 10
    assert rows["Refunds without goods"].refunded == 1_200


def test_goods_of_no_category_are_counted(ledger: None) -> None:
    make_product("mug", skus=("MUG-01",), pictures=0)

    rows = {row.name: row for row in sales.by_category(MARCH) if row.currency == "JPY"}

    assert rows["No longer in the catalogue"].charged == 3_600
    assert sum(row.charged for row in rows.values()) == 12_010


def test_refunds_are_listed_with_their_reasons(ledger: None) -> None:
    rows = sales.refunds(MARCH)

    assert sorted(row.refunded for row in rows) == [1000, 2000, 6000]
    assert {row.detail for row in rows} == {"broken"}
    assert len(sales.refunds(MARCH, most=1)) == 1


def test_the_number_of_queries_does_not_grow(
    ledger: None, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        sales.by_day(MARCH)
    charged(NEXT_DAY)
    with django_assert_num_queries(2):  # type: ignore[operator]
        sales.by_day(MARCH)
