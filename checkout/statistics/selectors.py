"""The tables of the sales report, read from the statistics.

The same rows as checkout.accounting.sales adds up from the orders themselves; that is
done as well while the statistics are not current.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet, Sum

from checkout.accounting import sales
from checkout.accounting.period import Period
from checkout.accounting.sales import Figures
from checkout.statistics.build import is_current
from checkout.statistics.models import SalesFigure
from orders.models import OrderLine

Part = SalesFigure.Part
_ADDED = ("orders", "units", "charged", "tax", "discounts", "refunded", "refunded_tax")


def total(period: Period) -> list[Figures]:
    """Return the sums of the period, one row a currency."""
    if not is_current():
        return sales.total(period)
    rows = _sums(period, Part.DAY, "currency")
    return [_figures("", row) for row in rows]


def by_day(period: Period) -> list[Figures]:
    """Return the sums of every day, also of days without sales."""
    if not is_current():
        return sales.by_day(period)
    found: dict[tuple[date, str], Figures] = {}
    for row in _sums(period, Part.DAY, "day", "currency"):
        figures = _figures(row["day"].isoformat(), row)
        figures.day = row["day"]
        found[row["day"], row["currency"]] = figures
    return sales.with_all_days(found, period)


def by_product(period: Period) -> list[Figures]:
    """Return the sums of every SKU, most charged first, then what is no product."""
    if not is_current():
        return sales.by_product(period)
    rows: dict[tuple[str, str], Figures] = {}
    for row in _sums(period, Part.GOODS, "sku", "currency"):
        figures = rows[row["sku"], row["currency"]] = _figures("", row)
        figures.detail = row["sku"]
    sales.name_as_today(rows)
    _name_the_gone(rows)
    sent = {
        row["currency"]: row["charged"]
        for row in _sums(period, Part.SHIPPING, "currency")
    }
    return sales.with_rest(rows.values(), total(period), sent)


def by_category(period: Period) -> list[Figures]:
    """Return the sums of every category of today, then what is in none."""
    return sales.in_categories(by_product(period))


def by_rate(period: Period) -> list[Figures]:
    """Return the sums and the taxes of every rate. Taxes are those of the invoices."""
    if not is_current():
        return sales.by_rate(period)
    rows = _sums(period, Part.RATE, "country", "rate", "currency")
    found = {(row["country"], row["rate"], row["currency"]): row for row in rows}
    return [
        _figures(sales.rate_name(key[0], key[1]), found[key])
        for key in sorted(found, key=sales.place_of_rate)
    ]


def _sums(period: Period, part: str, *by: str) -> Iterator[dict[str, Any]]:
    """Yield the sums of a part by these columns, without rows that have become 0."""
    rows: QuerySet[SalesFigure] = SalesFigure.objects.filter(
        part=part, day__gte=period.since, day__lte=period.until
    )
    sums = {name: Sum(name) for name in _ADDED}
    for row in rows.order_by(*by).values(*by).annotate(**sums):
        if any(row[name] for name in _ADDED):
            yield row


def _figures(name: str, row: dict[str, Any]) -> Figures:
    return Figures(
        name,
        row["currency"],
        orders=row["orders"],
        units=row["units"],
        charged=row["charged"],
        refunded=row["refunded"],
        tax=row["tax"] - row["refunded_tax"],
        discounts=row["discounts"],
    )


def _name_the_gone(rows: dict[tuple[str, str], Figures]) -> None:
    """Name goods that left the catalogue as the orders name them."""
    gone = {sku for (sku, _currency), figures in rows.items() if not figures.name}
    if not gone:
        return
    lines = OrderLine.objects.filter(sku__in=gone).order_by()
    names = dict(lines.values_list("sku").annotate(Max("name")))
    for (sku, _currency), figures in rows.items():
        figures.name = figures.name or names.get(sku, sku)
