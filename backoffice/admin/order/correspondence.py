"""What went to an order's customer, and what the payment provider told us of it."""

from dataclasses import dataclass
from datetime import datetime

from backoffice.order_overview import OrderOverview
from checkout.mail.models import MailKind, OrderMail
from checkout.webhooks.models import ProviderEvent
from orders.models import Payment

MOST_WEBHOOKS = 50


@dataclass(frozen=True)
class Mail:
    """One mail: the saga's own confirmation, or one of the queue."""

    title: str
    state: str
    when: datetime | None
    error: str = ""


def list_mails(overview: OrderOverview) -> list[Mail]:
    """Return all mails to the customer, the first one at the head."""
    rows = overview.order.mails.order_by("id")
    queued = [
        Mail(
            str(row.get_kind_display()),
            str(row.get_state_display()),
            row.sent_at or row.created_at,
            row.error,
        )
        for row in rows
    ]
    sent = overview.mail_sent_at
    name, state = MailKind.CONFIRMATION.label, OrderMail.State.SENT.label
    confirmation = Mail(str(name), str(state), sent)
    return [confirmation, *queued] if sent else queued


def list_webhooks(payment: Payment) -> list[ProviderEvent]:
    """Return the latest events about the payment, the newest at the head."""
    if not payment.intent_id:
        return []
    rows = ProviderEvent.objects.filter(intent_id=payment.intent_id)
    return list(rows.order_by("-pk")[:MOST_WEBHOOKS])
