"""The figures of the sales report, added up by the database.

Amounts are minor units. Every table of a period has the same totals: what was charged
by the day of the charge, and what was refunded by the day of the refund.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.accounting.period import Period
from orders.models import OrderLine, Payment, Refund, RefundLine
from orders.rates import shares_of_charge, shares_of_refunds, tax_country
from orders.selectors import refunds_made
from shop.catalogue.models import Variant
from shop.countries import JAPAN, country_name

# The country of the tax, percent, currency.
Rate = tuple[str, int, str]


@dataclass
class Figures:
    """One row of a table: what it is about, and its sums."""

    name: str
    currency: str
    orders: int = 0
    units: int = 0
    charged: int = 0
    refunded: int = 0
    tax: int = 0
    discounts: int = 0
    detail: str = ""
    day: date | None = field(default=None, compare=False)

    @property
    def net(self) -> int:
        return self.charged - self.refunded


def total(period: Period) -> list[Figures]:
    """Return the sums of the period, one row a currency."""
    rows: dict[str, Figures] = {}
    for row in _charged(period).values("currency").annotate(**_SUMS).order_by():
        figures = _in(rows, row["currency"], "", row["currency"])
        figures.orders, figures.charged = row["orders"], row["charged"]
        figures.discounts = row["discounts"]
    for row in _refunded(period).values("currency").annotate(sum=Sum("amount_minor")):
        _in(rows, row["currency"], "", row["currency"]).refunded = row["sum"]
    return sorted(rows.values(), key=lambda one: one.currency)


def by_day(period: Period) -> list[Figures]:
    """Return the sums of every day, also of days without sales."""
    zone = timezone.get_current_timezone()
    rows: dict[tuple[date, str], Figures] = {}
    charged = _charged(period).annotate(day=TruncDate("captured_at", tzinfo=zone))
    for row in charged.values("day", "currency").annotate(**_SUMS).order_by():
        figures = _of_day(rows, row)
        figures.orders, figures.charged = row["orders"], row["charged"]
        figures.discounts = row["discounts"]
    refunded = _refunded(period).annotate(day=TruncDate("succeeded_at", tzinfo=zone))
    sums = refunded.values("day", "currency").annotate(sum=Sum("amount_minor"))
    for row in sums.order_by():
        _of_day(rows, row).refunded = row["sum"]
    return with_all_days(rows, period)


def with_all_days(
    rows: dict[tuple[date, str], Figures], period: Period
) -> list[Figures]:
    """Return the rows by day, with rows for days without sales."""
    for currency in sorted({key[1] for key in rows}):
        for day in period.days:
            _of_day(rows, {"day": day, "currency": currency})
    return [rows[key] for key in sorted(rows)]


def by_product(period: Period) -> list[Figures]:
    """Return the sums of every SKU, most charged first, then what is no product."""
    rows: dict[tuple[str, str], Figures] = {}
    lines = OrderLine.objects.filter(**_within("order__payment__", period))
    for row in (
        lines.values("sku", "currency")
        .annotate(
            name=Max("name"),
            units=Sum("quantity"),
            orders=Count("order"),
            sum=Sum(F("unit_minor") * F("quantity") - F("discount_minor")),
            discounts=Sum("discount_minor"),
        )
        .order_by()
    ):
        key = (row["sku"], row["currency"])
        figures = _in(rows, key, row["name"], row["currency"])
        figures.orders, figures.units = row["orders"], row["units"]
        figures.charged, figures.detail = row["sum"], row["sku"]
        figures.discounts = row["discounts"]
    back = RefundLine.objects.filter(
        refund__status=Refund.Status.SUCCEEDED,
        refund__succeeded_at__gte=period.start,
        refund__succeeded_at__lt=period.end,
    )
    for row in (
        back.values("line__sku", "line__currency")
        .annotate(name=Max("line__name"), sum=Sum("paid_minor"))
        .order_by()
    ):
        key = (row["line__sku"], row["line__currency"])
        figures = _in(rows, key, row["name"], row["line__currency"])
        figures.refunded, figures.detail = row["sum"], row["line__sku"]
    shipping = {
        row["currency"]: row["sum"]
        for row in _charged(period)
        .values("currency")
        .annotate(sum=Sum("order__shipping_minor"))
        .order_by()
    }
    name_as_today(rows)
    return with_rest(rows.values(), total(period), shipping)


def by_category(period: Period) -> list[Figures]:
    """Return the sums of every category of today, then what is in none."""
    return in_categories(by_product(period))


def in_categories(goods: Iterable[Figures]) -> list[Figures]:
    """Return the rows of products added up by category."""
    variants = Variant.objects.select_related("product__category")
    category = {one.sku: one.product.category.name for one in variants}
    rows: dict[tuple[str, str], Figures] = {}
    for figures in goods:
        is_known = not figures.detail or figures.detail in category
        name = category.get(figures.detail, figures.name)
        name = name if is_known else _("No longer in the catalogue")
        row = _in(rows, (name, figures.currency), name, figures.currency)
        row.units += figures.units
        row.charged += figures.charged
        row.refunded += figures.refunded
        row.discounts += figures.discounts
    return list(rows.values())


def by_rate(period: Period) -> list[Figures]:
    """Return the sums and the taxes of every rate. Taxes are those of the invoices.

    Japan's come first, then those of other countries that the shop collects.
    """
    rows: dict[Rate, Figures] = {}
    charged = (
        _charged(period)
        .select_related("order")
        .only("captured_minor", "currency", "order__tax")
    )
    for payment in charged.order_by("pk").iterator(chunk_size=2000):
        country = tax_country(payment.order.tax)
        for share in shares_of_charge(payment.order, payment.captured_minor):
            row = _of_rate(rows, (country, share.rate, payment.currency))
            row.orders += 1
            row.charged += share.gross
            row.tax += share.tax
    refunds = _refunded(period).select_related("payment__order").order_by("pk")
    for refund in refunds.iterator(chunk_size=500):
        order = refund.payment.order
        for share in shares_of_refunds(order, refunds_made(order))[refund.pk]:
            row = _of_rate(rows, (tax_country(order.tax), share.rate, refund.currency))
            row.refunded += share.gross
            row.tax -= share.tax
    return [rows[key] for key in sorted(rows, key=place_of_rate)]


def refunds(period: Period, most: int | None = None) -> list[Figures]:
    """Return the refunds of the period, newest first, at most ``most``."""
    rows = _refunded(period).select_related("payment__order").order_by("-succeeded_at")
    return [
        Figures(
            name=one.payment.order.number,
            currency=one.currency,
            refunded=one.amount_minor,
            detail=one.reason or one.get_origin_display(),
            day=timezone.localtime(one.succeeded_at).date(),
        )
        for one in rows[:most]
    ]


_SUMS: dict[str, Any] = {
    "orders": Count("pk"),
    "charged": Sum("captured_minor"),
    "discounts": Sum("order__discount_minor"),
}


def _charged(period: Period) -> Any:
    return Payment.objects.filter(**_within("", period))


def _within(path: str, period: Period) -> dict[str, Any]:
    return {
        f"{path}captured_at__gte": period.start,
        f"{path}captured_at__lt": period.end,
        f"{path}captured_minor__gt": 0,
    }


def _refunded(period: Period) -> Any:
    return Refund.objects.filter(
        status=Refund.Status.SUCCEEDED,
        succeeded_at__gte=period.start,
        succeeded_at__lt=period.end,
    )


def _in(rows: dict[Any, Figures], key: Any, name: str, currency: str) -> Figures:
    return rows.setdefault(key, Figures(name, currency))


def _of_day(rows: dict[tuple[date, str], Figures], row: dict[str, Any]) -> Figures:
    day, currency = row["day"], row["currency"]
    made = Figures(day.isoformat(), currency, day=day)
    return rows.setdefault((day, currency), made)


def _of_rate(rows: dict[Rate, Figures], key: Rate) -> Figures:
    return _in(rows, key, rate_name(key[0], key[1]), key[2])


def rate_name(country: str, rate: int) -> str:
    """Return what a rate is called in tables, in the active language."""
    if country != JAPAN:
        return f"{rate} % ({country_name(country)})"
    # No goods of the shop have that rate: it is what was sent abroad.
    return f"{rate} %" if rate else _("0 % (export)")


def place_of_rate(key: Rate) -> tuple[bool, str, int, str]:
    """Return the key by which rates are sorted: Japan first, high rates first."""
    country, rate, currency = key
    return (country != JAPAN, country, -rate, currency)


def name_as_today(rows: dict[tuple[str, str], Figures]) -> None:
    """Give goods of the catalogue their name of today, in the active language."""
    variants = Variant.objects.select_related("product").iterator(chunk_size=2000)
    today = {one.sku: one for one in variants}
    for (sku, _currency), figures in rows.items():
        variant = today.get(sku)
        if variant is not None:
            label = f" ({variant.label})" if variant.label else ""
            figures.name = f"{variant.product.name}{label}"


def with_rest(
    rows: Iterable[Figures], totals: Iterable[Figures], shipping: Mapping[str, int]
) -> list[Figures]:
    """Return goods, most charged first, then shipping and what else makes the totals.

    ``shipping``: currency -> what was charged for it.
    """
    goods = sorted(rows, key=lambda one: (one.currency, -one.charged, one.name))
    listed: dict[str, Figures] = defaultdict(lambda: Figures("", ""))
    for one in goods:
        listed[one.currency].charged += one.charged
        listed[one.currency].refunded += one.refunded
    rest = []
    for whole in totals:
        sent = shipping.get(whole.currency) or 0
        other = whole.charged - listed[whole.currency].charged - sent
        unnamed = whole.refunded - listed[whole.currency].refunded
        rest.append(Figures(_("Shipping"), whole.currency, charged=sent))
        if other:
            name = _("Difference between charge and order")
            rest.append(Figures(name, whole.currency, charged=other))
        if unnamed:
            name = _("Refunds without goods")
            rest.append(Figures(name, whole.currency, refunded=unnamed))
    return goods + rest
