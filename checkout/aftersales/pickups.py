"""Remind customers of goods that lie ready to be picked up, once."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from checkout.mail import outbox
from checkout.mail.models import MailKind
from orders.models import Exchange, Order, Shipment

# More than these are reminded at the next run.
_BATCH = 500


def remind(now: datetime) -> int:
    """Queue a mail about what has lain ready for PICKUP_REMINDER_DAYS days.

    One for each time that goods were made ready. Return how many goods lie that long.
    Nothing is sent if they are handed over before the mail leaves.
    """
    if not settings.PICKUP_REMINDER_DAYS:
        return 0
    before = now - timedelta(days=settings.PICKUP_REMINDER_DAYS)
    found: list[tuple[Order, datetime]] = [
        *(_ready(each.order, each.pickup_ready_at) for each in _orders(before)),
        *(_ready(each.order, each.pickup_ready_at) for each in _exchanges(before)),
    ]
    for order, since in found:
        outbox.queue(order, MailKind.PICKUP_REMINDER, since.isoformat())
    return len(found)


def is_overdue(ready_at: datetime | None, today: date) -> bool:
    """Return whether goods have lain ready for so long that staff should look."""
    days = timedelta(days=settings.PICKUP_REMINDER_DAYS)
    return bool(days and ready_at and timezone.localdate(ready_at) + days <= today)


def _orders(before: datetime) -> list[Shipment]:
    waiting = Shipment.objects.filter(status=Shipment.Status.REQUESTED)
    rows = waiting.filter(pickup_ready_at__lte=before).select_related("order")
    return list(rows.order_by("pickup_ready_at")[:_BATCH])


def _exchanges(before: datetime) -> list[Exchange]:
    waiting = Exchange.objects.to_send().filter(pickup_ready_at__lte=before)
    rows = waiting.select_related("returned__order")
    return list(rows.order_by("pickup_ready_at")[:_BATCH])


def _ready(order: Order, since: datetime | None) -> tuple[Order, datetime]:
    if since is None:
        message = f"{order} does not lie ready"
        raise ValueError(message)
    return order, since
