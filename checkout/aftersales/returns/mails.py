"""What the mails about a return read."""

from django.utils import translation

from checkout.mail.context import Context, Reader
from checkout.mail.models import MailKind, OrderMail
from orders.models import Return
from orders.parcels import due_again
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


def _read_ready(mail: OrderMail) -> Context:
    """Describe the goods that lie ready: without what was picked up before."""
    described = _read_return(mail)
    exchange = described["exchange"]
    return described | {"rest": due_again(exchange) if exchange else []}


def _read_sent(mail: OrderMail) -> Context:
    """Describe the parcel of an exchange that left, and what follows it.

    A mail that was stored before exchanges had parcels is about the first.
    """
    described = _read_return(mail)
    exchange = described["exchange"]
    parcels = list(exchange.parcels.order_by("number"))
    mine = [each for each in parcels if each.pk == mail.data.get("parcel")]
    return described | {
        "parcel": (mine or parcels)[0],
        "is_whole": len(parcels) == 1 and not due_again(exchange),
        "rest": due_again(exchange),
    }


READERS: dict[str, Reader] = {
    MailKind.RETURN_REQUESTED: _read_return,
    MailKind.RETURN_APPROVED: _read_return,
    MailKind.RETURN_REFUSED: _read_return,
    MailKind.RETURN_RECEIVED: _read_return,
    MailKind.RETURN_EXCHANGED: _read_return,
    MailKind.RETURN_READY: _read_ready,
    MailKind.RETURN_SENT: _read_sent,
    MailKind.RETURN_CLOSED: _read_return,
}
