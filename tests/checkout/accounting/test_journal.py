"""The journal agrees with the ledger and with the account at Stripe, to the yen."""

from collections import Counter
from datetime import date, timedelta

import pytest

from checkout.accounting.journal import Entry, entries
from checkout.accounting.models import AccountMovement
from checkout.accounting.period import Period
from checkout.accounting.tables import Sums
from orders.models import Dispute, Payment, Refund
from tests.checkout.accounting.ledgers import (
    EARLY,
    NEXT_DAY,
    NOON,
    charged,
    disputed,
    refunded,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DAY = Period(date(2026, 3, 2), date(2026, 3, 2))
DAYS = Period(date(2026, 3, 1), date(2026, 3, 31))


def sums(found: list[Entry]) -> dict[tuple[str, str], int]:
    total: Counter[tuple[str, str]] = Counter()
    for entry in found:
        total[entry.kind, entry.currency] += entry.gross
    return dict(total)


def test_a_day_is_the_shop_s_day() -> None:
    charged(EARLY)
    charged(NOON)
    charged(NEXT_DAY)

    assert sums(list(entries(DAY))) == {("sale", "JPY"): 12_000}
    first = Period(date(2026, 3, 1), date(2026, 3, 1))
    assert list(entries(first)) == []


def test_a_sale_has_a_row_for_each_rate_with_the_tax_of_the_order() -> None:
    order = charged()

    found = [(one.rate, one.gross, one.tax) for one in entries(DAY)]

    assert found == [(10, 4200, 382), (8, 1800, 133)]
    assert {one.order for one in entries(DAY)} == {order.number}


def test_all_of_it_agrees_with_the_ledger() -> None:
    whole, part, lost = charged(), charged(), charged(EARLY)
    won, dollars = charged(), charged(currency="USD")
    refunded(whole, 6000)
    refunded(part, 1)
    refunded(part, 1234)
    refunded(dollars, 999)
    disputed(lost)
    disputed(won, "won")
    failed = refunded(part, 500)
    Refund.objects.filter(pk=failed.pk).update(status="failed")
    Payment.objects.filter(order=part).update(refunded_minor=1235)

    found = sums(list(entries(DAYS)))

    for currency in ("JPY", "USD"):
        mine = Payment.objects.filter(currency=currency)
        assert found["sale", currency] == sum(one.captured_minor for one in mine)
        assert -found["refund", currency] == sum(one.refunded_minor for one in mine)
    assert found["dispute", "JPY"] == -12_000
    assert found["dispute_won", "JPY"] == 6_000
    taken = Dispute.objects.get(status="lost").amount_minor
    assert found["dispute", "JPY"] + found["dispute_won", "JPY"] == -taken


def test_a_refund_of_everything_takes_back_each_rate_and_its_tax() -> None:
    order = charged()
    for amount in (1111, 2222, 6000 - 3333):
        refunded(order, amount)

    total: Counter[int | None] = Counter()
    for entry in entries(DAYS):
        total[entry.rate] += entry.gross

    assert total == {10: 0, 8: 0}


def test_fees_and_payouts_come_from_the_account() -> None:
    order = charged()
    rows = [
        ("txn_1", "charge", 6000, 216, f"ch_{order.pk}"),
        ("txn_2", "payout", -5784, 0, "po_1"),
        ("txn_3", "stripe_fee", -100, 0, ""),
        ("txn_4", "refund", -500, 0, "re_1"),
    ]
    for name, kind, amount, fee, source in rows:
        AccountMovement.objects.create(
            movement_id=name,
            kind=kind,
            amount_minor=amount,
            fee_minor=fee,
            currency="JPY",
            source_id=source,
            created_at=NOON + timedelta(hours=1),
        )

    found = sums(list(entries(DAY)))

    assert found == {
        ("sale", "JPY"): 6000,
        ("fee", "JPY"): -216,
        ("payout", "JPY"): -5784,
        ("other", "JPY"): -100,
    }


def test_a_question_of_a_bank_moves_no_money() -> None:
    dispute = disputed(charged(), "under_review")
    Dispute.objects.filter(pk=dispute.pk).update(is_inquiry=True)

    assert [one.kind for one in entries(DAYS)] == ["sale", "sale"]


def test_entries_are_in_the_order_of_time() -> None:
    refunded(charged(NOON), 100, at=NEXT_DAY)
    charged(NEXT_DAY + timedelta(hours=1))

    times = [one.at for one in entries(DAYS)]

    assert times == sorted(times)


def test_the_sums_are_those_of_the_entries() -> None:
    refunded(charged(), 1000)
    table = Sums()
    found = list(table.watch(entries(DAYS)))

    rows = list(table.rows())

    assert sum(int(str(row[5])) for row in rows) == sum(one.gross for one in found)
    assert [row[:5] for row in rows] == [
        [date(2026, 3, 2), "Sale", 10, "JP", 1],
        [date(2026, 3, 2), "Sale", 8, "JP", 1],
        [date(2026, 3, 3), "Refund", 10, "JP", 1],
        [date(2026, 3, 3), "Refund", 8, "JP", 1],
    ]
