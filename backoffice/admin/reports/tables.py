"""The report's tables, one for each question, on the page and as CSV."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from checkout.accounting import sales
from checkout.accounting.period import Period
from checkout.accounting.sales import Figures
from checkout.accounting.tables import major
from checkout.statistics import selectors as statistics
from shop.formatting import Wording, price
from shop.money import Money
from shop.text.spreadsheet import Cell

MOST_SHOWN = 500


@dataclass(frozen=True)
class Question:
    """A table of the report. ``columns`` names the figures that it has."""

    title: Wording
    read: Callable[[Period], list[Figures]]
    columns: tuple[str, ...]
    has_plot: bool = True


COLUMNS: dict[str, Wording] = {
    "name": pgettext_lazy("report", "Name"),
    "day": _("Day"),
    "detail": _("Detail"),
    "orders": _("Orders"),
    "units": _("Units"),
    "discounts": _("Discounts"),
    "charged": _("Charged"),
    "refunded": _("Refunded"),
    "net": _("Net"),
    "tax": _("Tax included"),
    "currency": _("Currency"),
}
_MONEY = ("discounts", "charged", "refunded", "net", "tax")
_NUMBERS = ("orders", "units", *_MONEY)
_SUMS = ("charged", "refunded", "net")
QUESTIONS: dict[str, Question] = {
    "day": Question(
        _("By day"), statistics.by_day, ("name", "orders", "discounts", *_SUMS)
    ),
    "product": Question(
        _("By product"),
        statistics.by_product,
        ("name", "detail", "orders", "units", "discounts", *_SUMS),
    ),
    "category": Question(
        _("By category"), statistics.by_category, ("name", "units", *_SUMS)
    ),
    "rate": Question(
        _("By tax rate"), statistics.by_rate, ("name", "orders", *_SUMS, "tax")
    ),
    "refunds": Question(
        _("Refunds"),
        sales.refunds,
        ("day", "name", "detail", "refunded"),
        has_plot=False,
    ),
}


@dataclass(frozen=True)
class ShownCell:
    text: str
    is_number: bool


def total_facts(rows: list[Figures]) -> list[tuple[Wording, str]]:
    """Return the totals of each currency with their labels."""
    names = ("charged", "refunded", "net", "discounts", "orders")
    return [(COLUMNS[name], _text(row, name)) for row in rows for name in names]


def shown_rows(question: Question, rows: list[Figures]) -> list[list[ShownCell]]:
    """Return the first rows as texts, money with its sign."""
    return [
        [ShownCell(_text(row, name), name in _NUMBERS) for name in question.columns]
        for row in rows[:MOST_SHOWN]
    ]


def file_rows(question: Question, rows: list[Figures]) -> list[list[Cell]]:
    """Return all rows for a file, money as plain numbers, with the currency."""
    return [
        [*(_cell(row, name) for name in question.columns), row.currency] for row in rows
    ]


def heads(question: Question) -> list[tuple[str, bool]]:
    """Return the columns' names, and whether they hold numbers."""
    return [(str(COLUMNS[name]), name in _NUMBERS) for name in question.columns]


def _text(row: Figures, name: str) -> str:
    value = getattr(row, name)
    if name in _MONEY:
        return price(Money(value, row.currency))
    return "" if value is None else str(value)


def _cell(row: Figures, name: str) -> Cell:
    value: Cell = getattr(row, name)
    return major(int(str(value)), row.currency) if name in _MONEY else value
