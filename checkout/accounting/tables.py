"""The journal and its sums as tables: the same rows for CSV and workbook."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.accounting import journal
from checkout.accounting.journal import Entry
from shop.countries import JAPAN
from shop.money import exponent
from shop.text.spreadsheet import Cell


@dataclass(frozen=True)
class Key:
    """What the sums are made for."""

    day: date
    kind: str
    currency: str
    country: str
    rate: int | None


class Sums:
    """Adds up entries by day, kind, currency, country of the tax and rate.

    In minor units.
    """

    def __init__(self) -> None:
        self.gross: dict[Key, int] = {}
        self.tax: dict[Key, int] = {}
        self.count: dict[Key, int] = {}

    def add(self, entry: Entry) -> None:
        day = timezone.localtime(entry.at).date()
        key = Key(day, entry.kind, entry.currency, entry.country, entry.rate)
        self.gross[key] = self.gross.get(key, 0) + entry.gross
        self.tax[key] = self.tax.get(key, 0) + entry.tax
        self.count[key] = self.count.get(key, 0) + 1

    def watch(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the entries, adding up each."""
        for entry in entries:
            self.add(entry)
            yield entry

    def rows(self) -> Iterator[list[Cell]]:
        """Yield a row for each day, kind, currency and rate of a country's tax."""

        def order(key: Key) -> tuple[date, str, str, bool, str, int]:
            place = (key.country != JAPAN, key.country)
            return key.day, key.kind, key.currency, *place, -(key.rate or 0)

        for key in sorted(self.gross, key=order):
            gross, tax = self.gross[key], self.tax[key]
            yield [
                key.day,
                kind_name(key.kind),
                key.rate,
                key.country,
                self.count[key],
                major(gross, key.currency),
                major(tax, key.currency),
                major(gross - tax, key.currency),
                key.currency,
            ]


def sum_columns() -> list[str]:
    return [
        _("Day"),
        _("Kind"),
        _("Tax rate (%)"),
        _("Country of the tax"),
        _("Entries"),
        _("Amount (tax included)"),
        _("Tax included"),
        _("Amount without tax"),
        _("Currency"),
    ]


def journal_columns() -> list[str]:
    return [
        _("Day"),
        _("Time"),
        _("Kind"),
        _("Order"),
        _("Reference"),
        _("Tax rate (%)"),
        _("Country of the tax"),
        _("Amount (tax included)"),
        _("Tax included"),
        _("Amount without tax"),
        _("Currency"),
        _("Method"),
        _("Note"),
    ]


def journal_row(entry: Entry) -> list[Cell]:
    """Return an entry as a row; day and time are of the shop's zone."""
    local = timezone.localtime(entry.at)
    return [
        local.date(),
        f"{local:%H:%M:%S}",
        kind_name(entry.kind),
        entry.order,
        entry.reference,
        entry.rate,
        entry.country,
        major(entry.gross, entry.currency),
        major(entry.tax, entry.currency),
        major(entry.gross - entry.tax, entry.currency),
        entry.currency,
        entry.method,
        str(entry.note),
    ]


def kind_name(kind: str) -> str:
    """Return the kind of an entry in words."""
    names = {
        journal.SALE: _("Sale"),
        journal.REFUND: _("Refund"),
        journal.DISPUTE: _("Dispute, taken back"),
        journal.DISPUTE_WON: _("Dispute won, returned"),
        journal.FEE: _("Fee"),
        journal.PAYOUT: _("Payout"),
        journal.OTHER: _("Other movement"),
    }
    return names[kind]


def major(minor: int, currency: str) -> Decimal:
    """Return minor units as a number in the currency's usual unit."""
    return Decimal(minor).scaleb(-exponent(currency))
