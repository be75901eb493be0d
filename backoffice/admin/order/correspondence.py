"""Mails to an order's customer, and webhooks about its payment."""

from dataclasses import dataclass
from datetime import datetime

from backoffice.order_overview import OrderOverview
from checkout.mail.models import MailKind, OrderMail
from checkout.webhooks.models import ProviderEvent
from orders.models import Payment

MOST_WEBHOOKS = 50


@dataclass(frozen=True)
class Mail:
    """One mail: the confirmation that the saga sent, or one of the outbox."""

    title: str
    state: str
    when: datetime | None
    error: str = ""


def list_mails(overview: OrderOverview) -> list[Mail]:
    """Return all mails to the customer, the first at the top."""
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
    """Return the latest MOST_WEBHOOKS events about the payment, newest first."""
    if not payment.intent_id:
        return []
    rows = ProviderEvent.objects.filter(intent_id=payment.intent_id)
    return list(rows.order_by("-pk")[:MOST_WEBHOOKS])
