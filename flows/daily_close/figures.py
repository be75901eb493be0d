"""The figures of a day: the shop's own, and what the provider's account says."""

from datetime import date

from django.conf import settings
from django.db.models import F, Sum

from checkout.accounting.journal import entries
from checkout.accounting.models import AccountMovement
from checkout.accounting.period import Period
from checkout.accounting.sales import total
from checkout.accounting.tables import Sums
from orders.models import Payment, Refund
from shop.formatting import price
from shop.money import Money
from shop.text.spreadsheet import Cell

# More differences than these do not fit a page; their number is told.
MOST_NAMED = 100


def read_day(day: date) -> dict[str, int]:
    """Return what the shop's currency charged and refunded on that day."""
    mine = [row for row in total(_of(day)) if row.currency == settings.CURRENCY]
    return {
        "charged_minor": sum(row.charged for row in mine),
        "refunded_minor": sum(row.refunded for row in mine),
    }


def sums(day: date) -> list[list[Cell]]:
    """Return the accountant's rows: by kind, rate and currency."""
    found = Sums()
    for entry in entries(_of(day)):
        found.add(entry)
    return list(found.rows())


def find_differences(day: date) -> list[str]:
    """Compare each charge and refund of the day with the provider's account.

    By their identifiers, because the two clocks need not agree about midnight. Return
    a line for each that is missing there or differs. The account must have been read
    since the day ended.
    """
    period, lines = _of(day), []
    within = {"gte": period.start, "lt": period.end}
    charged = Payment.objects.filter(
        captured_minor__gt=0, **{f"captured_at__{k}": v for k, v in within.items()}
    )
    refunded = Refund.objects.filter(
        status=Refund.Status.SUCCEEDED,
        **{f"succeeded_at__{k}": v for k, v in within.items()},
    )
    wanted = [
        *charged.values_list("charge_id", "captured_minor", "order__number"),
        *(
            (source or "", -minor, number)
            for source, minor, number in refunded.values_list(
                "refund_id", "amount_minor", "payment__order__number"
            )
        ),
    ]
    there = _by_source([source for source, _minor, _number in wanted])
    for source, minor, number in sorted(wanted, key=lambda row: row[2]):
        if there.get(source) != minor:
            lines.append(f"{number}: {_say(minor)}, {_say(there.get(source))}")
    return lines


def is_paid_out(day: date) -> bool:
    """Return whether payouts cover all that the account received until that day.

    Payouts name no charges; but what was paid out in all, compared with what came in
    until the end of the day, tells it.
    """
    rows = AccountMovement.objects.filter(currency=settings.CURRENCY)
    came = rows.exclude(kind__startswith="payout").filter(created_at__lt=_of(day).end)
    received = came.aggregate(sum=Sum(F("amount_minor") - F("fee_minor")))["sum"] or 0
    left = rows.filter(kind__startswith="payout").aggregate(sum=Sum("amount_minor"))
    return -(left["sum"] or 0) >= received


def _by_source(sources: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at in range(0, len(sources), 500):
        rows = AccountMovement.objects.filter(source_id__in=sources[at : at + 500])
        for source, minor in rows.values_list("source_id", "amount_minor"):
            found[source] = found.get(source, 0) + minor
    return found


def _say(minor: int | None) -> str:
    if minor is None:
        return "-"
    text = price(Money(abs(minor), settings.CURRENCY))
    return f"-{text}" if minor < 0 else text


def _of(day: date) -> Period:
    return Period(day, day)
