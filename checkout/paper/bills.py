"""The contents of receipts, qualified invoices and credit notes.

What a qualified invoice must say, and a qualified credit note:
https://www.nta.go.jp/taxes/tetsuzuki/shinsei/shinkoku/shohi/kaisei/pdf/0022006-141.pdf
"""

from django.utils import translation
from django.utils.translation import gettext as _

from checkout.cart.wish_wording import address_lines
from checkout.paper.document import Document, Fact, Line
from checkout.paper.kinds import PaperKind
from checkout.paper.models import IssuedPaper
from checkout.paper.parts import (
    addressed,
    day,
    discount_facts,
    marked,
    priced_line,
    reduced_note,
    seller_lines,
    tax_facts,
    total_label,
)
from checkout.paper.selectors import is_marked_as_copy
from orders.models import Order, Payment, RefundLine
from orders.selectors import refunds_made
from shop.formatting import price
from shop.money import Money
from shop.profile.selectors import Seller


def make_bill(paper: IssuedPaper, language: str = "") -> Document:
    """Return the paper as it was issued, in ``language`` or the order's own."""
    order = paper.order
    language = language or order.language
    with translation.override(language):
        seller = paper.seller.get(language[:2], paper.seller["en"])
        return Document(
            language=language,
            title=_title(paper),
            number=paper.number,
            facts=_facts(paper, order),
            seller=seller_lines(Seller(**seller)),
            addressee=(*_address(paper), addressed(paper.addressee)),
            lines=_lines(paper, order),
            columns=(_("Item"), _("Unit price"), _("Quantity"), _("Line total")),
            amounts=_amounts(paper, order),
            taxes=tax_facts([_share(share, order) for share in paper.shares], order),
            notes=(*_notes(paper, order), *_marks(paper)),
            lead=_("Received for goods.") if _is_receipt(paper) else "",
            large=price(_total(paper, order)) if _is_receipt(paper) else "",
            stamp=_("Copy (reissued)") if is_marked_as_copy(paper) else "",
        )


def _address(paper: IssuedPaper) -> list[str]:
    return address_lines(*paper.address) if paper.address else []


def _title(paper: IssuedPaper) -> str:
    titles = {
        PaperKind.RECEIPT: _("Receipt"),
        PaperKind.INVOICE: _("Qualified invoice"),
        PaperKind.CREDIT_NOTE: _("Qualified credit note"),
    }
    return titles[PaperKind(paper.kind)]


def _is_receipt(paper: IssuedPaper) -> bool:
    return paper.kind == PaperKind.RECEIPT


def _facts(paper: IssuedPaper, order: Order) -> tuple[Fact, ...]:
    payment = Payment.objects.get(order=order)
    facts = [
        Fact(_("Number"), paper.number),
        Fact(_("Issued on"), day(paper.issued_at)),
        Fact(_("Order"), order.number),
    ]
    if payment.captured_at:
        facts.append(Fact(_("Date of sale"), day(payment.captured_at)))
    if paper.refund and paper.refund.succeeded_at:
        facts.append(Fact(_("Date of refund"), day(paper.refund.succeeded_at)))
    facts.append(Fact(_("Paid by"), _paid_by(payment)))
    return tuple(facts)


def _paid_by(payment: Payment) -> str:
    """Name the method: on a receipt it says that no revenue stamp is needed."""
    if payment.card_last4:
        return _("Credit card")
    return _("Cash at a convenience store") if payment.method == "konbini" else "-"


def _lines(paper: IssuedPaper, order: Order) -> tuple[Line, ...]:
    if paper.refund is None:
        return tuple(priced_line(line, order) for line in order.lines.all())
    lines = [_refunded_line(item, order) for item in paper.refund.lines.all()]
    rest = paper.refund.amount_minor - sum(
        item.paid_minor for item in paper.refund.lines.all()
    )
    if rest:
        amount = price(Money(rest, paper.refund.currency))
        text = _("Price reduction and shipping") if lines else _("Price reduction")
        lines.append(Line(text, 1, unit=amount, total=amount))
    return tuple(lines)


def _refunded_line(item: RefundLine, order: Order) -> Line:
    """Return the units at what was paid for them: a discount is not refunded."""
    line, quantity = item.line, item.quantity
    is_reduced = item.paid_minor != line.unit_minor * quantity
    note = _("discount deducted") if is_reduced else ""
    return Line(
        name=marked(line.name, line.tax_rate, order),
        quantity=quantity,
        sku=line.sku,
        detail=", ".join(text for text in (line.variant, note) if text),
        unit=price(line.unit),
        total=price(Money(item.paid_minor, line.currency)),
    )


def _amounts(paper: IssuedPaper, order: Order) -> tuple[Fact, ...]:
    total = _total(paper, order)
    if paper.refund is not None:
        return (Fact(_("Refunded (tax included)"), price(total)),)
    facts = [
        Fact(_("Subtotal"), price(order.subtotal)),
        *discount_facts(order),
        Fact(_("Shipping"), price(order.shipping)),
    ]
    if total != order.total:
        facts.append(Fact(_("Difference"), price(total - order.total)))
    return (*facts, Fact(total_label(order), price(total)))


def _total(paper: IssuedPaper, order: Order) -> Money:
    """Return what the shares add up to: what was charged, or refunded."""
    return Money(sum(share["gross"] for share in paper.shares), order.currency)


def _share(share: dict[str, int], order: Order) -> tuple[int, Money, Money]:
    gross, tax = share["gross"], share["tax"]
    return share["rate"], Money(gross, order.currency), Money(tax, order.currency)


def _notes(paper: IssuedPaper, order: Order) -> list[str]:
    """Say what was refunded since: a receipt must not claim more than was kept."""
    if paper.refund is not None:
        return []
    text = _("Refunded on %(date)s: %(amount)s")
    return [
        text % {"date": day(one.succeeded_at), "amount": price(one.amount)}
        for one in refunds_made(order)
        if one.succeeded_at
    ]


def _marks(paper: IssuedPaper) -> tuple[str, ...]:
    return reduced_note([share["rate"] for share in paper.shares], paper.order)
