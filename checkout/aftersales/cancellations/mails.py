"""What the mails about a cancellation read."""

from checkout.mail.context import Context, Reader
from checkout.mail.models import MailKind, OrderMail
from orders.models import Cancellation


def _read_cancellation(mail: OrderMail) -> Context:
    return {"cancellation": Cancellation.objects.get(pk=mail.data["cancellation"])}


READERS: dict[str, Reader] = {
    MailKind.CANCEL_DECLINED: _read_cancellation,
    MailKind.CANCEL_REFUSED: _read_cancellation,
}
