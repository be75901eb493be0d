"""The accountant's journal: every movement of money of a period, in order of time.

Sales, refunds and disputes come from the shop's own records and are divided among the
tax rates; fees and payouts come from the account at Stripe. Everything is read in
batches, so that a period may have any number of orders.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from checkout.accounting.models import AccountMovement
from checkout.accounting.period import Period
from orders.models import Dispute, Payment, Refund
from orders.rates import (
    RateShare,
    divide,
    gross_of,
    shares_of_charge,
    shares_of_refunds,
    tax_country,
    with_tax,
)
from orders.selectors import refunds_made
from shop.formatting import Wording

BATCH = 500
SALE, REFUND, FEE, PAYOUT = "sale", "refund", "fee", "payout"
DISPUTE, DISPUTE_WON, OTHER = "dispute", "dispute_won", "other"
_TAKEN_BACK = ("needs_response", "under_review", "lost", "won")
# Movements that the shop's own records show already; only their fee is news.
_OWN = (
    "charge",
    "payment",
    "refund",
    "payment_refund",
    "refund_failure",
    "payment_failure_refund",
    "adjustment",
)


@dataclass(frozen=True)
class Entry:
    """One row. ``gross`` and ``tax`` are minor units: income is positive.

    ``rate`` is None where tax has no meaning, and ``country`` "": else it is the
    country whose tax it is. An export is of Japan's rate 0.
    """

    at: datetime
    kind: str
    gross: int
    currency: str
    order: str = ""
    reference: str = ""
    rate: int | None = None
    country: str = ""
    tax: int = 0
    method: str = ""
    note: Wording = ""


def entries(period: Period) -> Iterator[Entry]:
    """Yield all entries of the period, oldest first."""
    parts = (
        _sales(period),
        _refunds(period),
        _disputes(period),
        _disputes_won(period),
        _movements(period),
    )
    return heapq.merge(*parts, key=lambda entry: entry.at)


def _sales(period: Period) -> Iterator[Entry]:
    rows = Payment.objects.filter(
        captured_at__gte=period.start, captured_at__lt=period.end, captured_minor__gt=0
    ).select_related("order")
    for payment in rows.order_by("captured_at", "pk").iterator(chunk_size=BATCH):
        assert payment.captured_at is not None  # noqa: S101 (by the filter)
        for share in shares_of_charge(payment.order, payment.captured_minor):
            yield _of_payment(
                payment, SALE, payment.captured_at, share, payment.charge_id
            )


def _refunds(period: Period) -> Iterator[Entry]:
    rows = (
        Refund.objects.filter(
            status=Refund.Status.SUCCEEDED,
            succeeded_at__gte=period.start,
            succeeded_at__lt=period.end,
        )
        .select_related("payment__order")
        .order_by("succeeded_at", "pk")
    )
    for refund in rows.iterator(chunk_size=BATCH):
        order = refund.payment.order
        shares = shares_of_refunds(order, refunds_made(order))
        for share in shares.get(refund.pk, []):
            yield _of_payment(
                refund.payment,
                REFUND,
                refund.succeeded_at,
                _negative(share),
                refund.refund_id or "",
                refund.reason,
            )


def _disputes(period: Period) -> Iterator[Entry]:
    rows = Dispute.objects.filter(
        reported_at__gte=period.start,
        reported_at__lt=period.end,
        status__in=_TAKEN_BACK,
        is_inquiry=False,
    ).order_by("reported_at", "pk")
    for dispute in rows.select_related("payment__order").iterator(chunk_size=BATCH):
        yield from _of_dispute(dispute, DISPUTE, dispute.reported_at, -1)


def _disputes_won(period: Period) -> Iterator[Entry]:
    rows = Dispute.objects.filter(
        closed_at__gte=period.start,
        closed_at__lt=period.end,
        status=Dispute.Status.WON,
        is_inquiry=False,
    ).order_by("closed_at", "pk")
    for dispute in rows.select_related("payment__order").iterator(chunk_size=BATCH):
        yield from _of_dispute(dispute, DISPUTE_WON, dispute.closed_at, 1)


def _movements(period: Period) -> Iterator[Entry]:
    rows = AccountMovement.objects.filter(
        created_at__gte=period.start, created_at__lt=period.end
    ).order_by("created_at", "pk")
    for row in rows.iterator(chunk_size=BATCH):
        if row.fee_minor:
            yield _of_movement(row, FEE, -row.fee_minor)
        if row.kind not in _OWN:
            kind = PAYOUT if row.kind.startswith("payout") else OTHER
            yield _of_movement(row, kind, row.amount_minor)


def _of_payment(
    payment: Payment,
    kind: str,
    at: datetime | None,
    share: RateShare,
    reference: str,
    note: str = "",
) -> Entry:
    assert at is not None  # noqa: S101 (by the filters)
    return Entry(
        at=at,
        kind=kind,
        gross=share.gross,
        tax=share.tax,
        rate=share.rate,
        country=tax_country(payment.order.tax),
        currency=payment.currency,
        order=payment.order.number,
        reference=reference,
        method=payment.method or ("card" if payment.card_last4 else ""),
        note=note,
    )


def _of_dispute(
    dispute: Dispute, kind: str, at: datetime | None, sign: int
) -> Iterator[Entry]:
    assert at is not None  # noqa: S101 (by the filters)
    payment = dispute.payment
    if payment is None or dispute.currency != payment.currency:
        # Of no payment that is known here, so no rate is known either.
        yield Entry(
            at=at,
            kind=kind,
            gross=sign * dispute.amount_minor,
            currency=dispute.currency,
            order=payment.order.number if payment else "",
            reference=dispute.dispute_id,
        )
        return
    for share in with_tax(divide(dispute.amount_minor, gross_of(payment.order))):
        signed = share if sign > 0 else _negative(share)
        yield _of_payment(payment, kind, at, signed, dispute.dispute_id, dispute.reason)


def _of_movement(row: AccountMovement, kind: str, amount: int) -> Entry:
    return Entry(
        at=row.created_at,
        kind=kind,
        gross=amount,
        currency=row.currency,
        reference=row.source_id or row.movement_id,
        note=row.kind,
    )


def _negative(share: RateShare) -> RateShare:
    return RateShare(share.rate, -share.gross, -share.tax)
