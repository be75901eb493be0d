"""What the mails about a shortage read: the missing goods and the link to choose."""

from checkout.aftersales.shortages import links
from checkout.mail.context import Context, Reader
from checkout.mail.models import MailKind, OrderMail
from orders.models import Shortage
from orders.selectors import describe_shortage
from shop import database_clock


def _read_shortage(mail: OrderMail) -> Context:
    """Describe the shortage. The link is made now: it is good from the sending on."""
    shortage = Shortage.objects.get(pk=mail.data["shortage"])
    return {
        **describe_shortage(shortage),
        "choice_url": links.url_of(shortage),
        "choice_until": links.link_ends(database_clock.read()),
    }


READERS: dict[str, Reader] = {
    MailKind.SHORTAGE: _read_shortage,
    MailKind.SHORTAGE_DECIDED: _read_shortage,
}
