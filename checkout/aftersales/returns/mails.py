"""What the mails about a return read."""

from django.utils import translation

from checkout.mail.context import Context, Reader
from checkout.mail.models import MailKind, OrderMail
from orders.models import Return
from shop.profile.selectors import read_seller


def _read_return(mail: OrderMail) -> Context:
    """Describe the return as it is now, its lines, and where the parcel goes."""
    rows = Return.objects.select_related("refund")
    returned = rows.get(pk=mail.data["returned"])
    lines = returned.lines.select_related("line", "substitute")
    with translation.override(mail.order.language):
        seller = read_seller()
    return {
        "returned": returned,
        "rows": list(lines),
        "exchange": returned.exchange,
        "seller": seller,
    }


READERS: dict[str, Reader] = {
    MailKind.RETURN_REQUESTED: _read_return,
    MailKind.RETURN_APPROVED: _read_return,
    MailKind.RETURN_REFUSED: _read_return,
    MailKind.RETURN_RECEIVED: _read_return,
    MailKind.RETURN_EXCHANGED: _read_return,
    MailKind.RETURN_READY: _read_return,
    MailKind.RETURN_SENT: _read_return,
    MailKind.RETURN_CLOSED: _read_return,
}
