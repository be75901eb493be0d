"""The registry of functions that add to the context of mails, by kind of mail.

A subject above the mails registers its own kinds when the application starts, so that
mails know nothing of links and choices.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from checkout.mail.models import MailKind, OrderMail
from checkout.status import progress
from checkout.status.outcomes import money_of
from orders import selectors
from orders.models import Parcel, Refund, Substitute

Context = dict[str, Any]
# Returns what one kind adds to the context of a mail, read when the mail is sent.
Reader = Callable[[OrderMail], Context]


def register(readers: Mapping[str, Reader]) -> None:
    """Register the function that adds to the context of these kinds. Twice is once."""
    _readers.update(readers)


def context_of(mail: OrderMail) -> Context:
    """Return the mail's own data, its order's substitutes and what its kind adds."""
    context = dict(mail.data)
    context["substitutes"] = list(Substitute.objects.sent_for(mail.order))
    read = _readers.get(mail.kind)
    return context | read(mail) if read else context


def _read_progress(mail: OrderMail) -> Context:
    return {"progress": progress.progress_of(mail.order)}


def _read_voucher(mail: OrderMail) -> Context:
    return {"voucher": selectors.voucher_of(mail.order)}


def _read_end(mail: OrderMail) -> Context:
    """Describe the end of a cancelled order: its money, its refund, its voucher."""
    wish = mail.order.cancellations.select_related("refund").first()
    refund = wish.refund if wish else None
    money = money_of(mail.order.payment)
    return {**_read_voucher(mail), "money": money, "refund": refund}


def _read_parcel(mail: OrderMail) -> Context:
    """Describe the parcel that the mail is about, and what follows it.

    A mail that was stored before there were parcels is about the first.
    """
    described = selectors.describe_parcels(mail.order)
    parcels = described["parcels"]
    mine = [each for each in parcels if each.pk == mail.data.get("parcel")]
    parcel = (mine or parcels)[0]
    is_whole = len(parcels) == 1 and not described["rest"]
    left, by = timezone.localdate(parcel.dispatched_at), mail.order.ship_by
    return described | {
        "parcel": parcel,
        "is_whole": is_whole,
        # A parcel that left late may arrive later than it was promised.
        "is_on_time": by is not None and left <= by,
    }


def _read_tracking(mail: OrderMail) -> Context:
    """Describe the parcel whose number was wrong, of the order or of an exchange.

    A mail that was stored before exchanges had parcels names the exchange.
    """
    again = Parcel.objects.exclude(exchange=None).order_by("number")
    old = mail.data.get("exchange")
    parcel = again.filter(Q(exchange=old) if old else Q(pk=mail.data["parcel"])).first()
    if parcel:
        return {"parcel": parcel, "contents": parcel.lines.all(), "is_exchange": True}
    described = _read_parcel(mail)
    return {**described, "contents": described["parcel"].lines.all()}


def _read_refund(mail: OrderMail) -> Context:
    return selectors.describe_refund(Refund.objects.get(pk=mail.key))


# The kinds that need nothing above the mails; others are registered.
_readers: dict[str, Reader] = {
    MailKind.PAYMENT_NEEDED: _read_progress,
    MailKind.VOUCHER: _read_voucher,
    MailKind.CANCELLED: _read_end,
    MailKind.SHIPPED: _read_parcel,
    MailKind.TRACKING: _read_tracking,
    MailKind.REFUNDED: _read_refund,
}
