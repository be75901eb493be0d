"""Issue receipts, invoices and credit notes, and copies of them."""

from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.utils import translation

from checkout.paper.errors import (
    NothingPaid,
    NotIssuable,
    NotRefunded,
    NotRegistered,
    NotTaxedInJapan,
)
from checkout.paper.kinds import PaperKind
from checkout.paper.models import IssuedPaper
from orders.models import BILLING, Order, Payment, Refund
from orders.rates import RateShare, shares_of_charge, shares_of_refunds
from orders.selectors import refunds_made
from shop.profile.selectors import read_seller

_LETTERS = {
    PaperKind.RECEIPT: "R",
    PaperKind.INVOICE: "I",
    PaperKind.CREDIT_NOTE: "C",
}


def issue(
    order: Order,
    kind: PaperKind,
    addressee: str,
    *,
    refund: Refund | None = None,
    actor: str = "",
) -> IssuedPaper:
    """Issue the original. Twice is once: the second call returns the first one.

    ``addressee`` then stays as it is. ``actor``: the member of staff, "" for the
    customer. Raises NotIssuable.
    """
    if kind != PaperKind.RECEIPT and order.is_abroad:
        raise NotTaxedInJapan
    number = _number(order, kind, refund)
    known = IssuedPaper.objects.filter(number=number, copy=0).first()
    if known is not None:
        return known
    paper = IssuedPaper(
        order=order,
        refund=refund,
        kind=kind,
        number=number,
        addressee=addressee,
        address=[getattr(order, name) for name in BILLING[1:]]
        if order.billing_name
        else [],
        seller=_both_languages(),
        shares=[asdict(share) for share in _shares(order, refund)],
        issued_by=actor,
    )
    if kind != PaperKind.RECEIPT and not paper.seller["en"]["invoice_number"]:
        raise NotRegistered
    try:
        with transaction.atomic():
            paper.save(force_insert=True)
    except IntegrityError:
        # Another tab has issued it at the same moment.
        return IssuedPaper.objects.get(number=number, copy=0)
    return IssuedPaper.objects.get(pk=paper.pk)


def issue_copy(original: IssuedPaper, seen: int, actor: str = "") -> IssuedPaper:
    """Issue a copy of what the original says. ``seen``: the copies known to the form.

    A form sent twice issues one copy: the second call returns the same.
    """
    known = IssuedPaper.objects.filter(number=original.number).latest("copy")
    values = {"order": original.order, "refund": original.refund}
    copied = ("kind", "addressee", "address", "seller", "shares")
    values |= {name: getattr(original, name) for name in copied}
    # The unique number makes two calls at once one.
    paper, _is_new = IssuedPaper.objects.get_or_create(
        number=original.number,
        copy=min(seen, known.copy) + 1,
        defaults={**values, "issued_by": actor},
    )
    return IssuedPaper.objects.get(pk=paper.pk)


def _number(order: Order, kind: PaperKind, refund: Refund | None) -> str:
    """Return the paper's number, such as 261129-7K3QX9-C2 for the second refund."""
    if kind not in _LETTERS or (kind == PaperKind.CREDIT_NOTE) != (refund is not None):
        raise NotIssuable
    if refund is None:
        return f"{order.number}-{_LETTERS[kind]}"
    earlier = Refund.objects.filter(payment__order=order, pk__lte=refund.pk)
    return f"{order.number}-{_LETTERS[kind]}{earlier.count()}"


def _shares(order: Order, refund: Refund | None) -> list[RateShare]:
    payment = Payment.objects.get(order=order)
    if refund is not None:
        made = shares_of_refunds(order, refunds_made(order))
        if refund.pk not in made:
            raise NotRefunded
        return made[refund.pk]
    if not payment.captured_minor or payment.is_gone:
        raise NothingPaid
    return shares_of_charge(order, payment.captured_minor)


def _both_languages() -> dict[str, dict[str, str]]:
    """Return the seller as it is now, in each language of papers."""
    sellers = {}
    for language in ("en", "ja"):
        with translation.override(language):
            sellers[language] = asdict(read_seller())
    return sellers
