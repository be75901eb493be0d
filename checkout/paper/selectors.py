"""Reads of papers: what can be issued for an order, and what was."""

from dataclasses import dataclass
from datetime import timedelta

from checkout.paper.kinds import PaperKind
from checkout.paper.models import IssuedPaper
from orders.models import Order, Payment, Refund
from orders.selectors import refunds_made
from shop import database_clock
from shop.profile.selectors import read_profile

# For so long the original may be printed and saved; afterwards it carries the mark of
# a copy, as every later issue does.
ORIGINAL_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Offer:
    """A paper of an order: not issued yet (``issues`` is empty), or issued before."""

    kind: PaperKind
    refund: Refund | None
    issues: tuple[IssuedPaper, ...]

    @property
    def original(self) -> IssuedPaper | None:
        return self.issues[0] if self.issues else None

    @property
    def copies(self) -> int:
        return self.issues[-1].copy if self.issues else 0


def offers_of(order: Order) -> list[Offer]:
    """Return the papers that there are for the order, or could be."""
    issued: dict[tuple[str, int | None], list[IssuedPaper]] = {}
    for paper in IssuedPaper.objects.filter(order=order).order_by("copy"):
        issued.setdefault((paper.kind, paper.refund_id), []).append(paper)
    payment = Payment.objects.get(order=order)
    is_registered = bool(read_profile().invoice_number) and not order.is_abroad
    may = bool(payment.captured_minor) and not payment.is_gone
    wanted: list[tuple[PaperKind, Refund | None, bool]] = [
        (PaperKind.RECEIPT, None, may),
        (PaperKind.INVOICE, None, may and is_registered),
        *((PaperKind.CREDIT_NOTE, one, is_registered) for one in refunds_made(order)),
    ]
    return [
        Offer(kind, refund, issues)
        for kind, refund, may_be_issued in wanted
        if (issues := tuple(issued.get((kind, refund.pk if refund else None), ())))
        or may_be_issued
    ]


def is_marked_as_copy(paper: IssuedPaper) -> bool:
    """Return whether the paper, as it is shown now, carries the mark of a copy."""
    return bool(paper.copy) or paper.issued_at + ORIGINAL_FOR < database_clock.read()
