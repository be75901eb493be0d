"""A system check that looks at the orders that are still open."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count

from orders.models import Order
from shop.catalogue.checks import database_exists

_OPEN = (Order.Status.PENDING, Order.Status.CONFIRMED)


@register(Tags.compatibility)
def check_open_orders(**_options: Any) -> list[CheckMessage]:
    """Refuse a currency in which open orders were not placed.

    They would be charged, refunded and compared in theirs while the shop shows and
    sells in another. Without a database nothing is refused: other messages say so.
    """
    if not database_exists():
        return []
    was_open = connection.connection is not None
    try:
        rows = Order.objects.filter(status__in=_OPEN)
        rows = rows.exclude(currency=settings.CURRENCY).order_by("currency")
        counts = dict(rows.values_list("currency").annotate(Count("pk")))
    except (DatabaseError, InterfaceError):
        return []
    finally:
        if not was_open:
            # A server forks after the checks, and children cannot share a connection.
            connection.close()
    return [_mismatch(currency, count) for currency, count in counts.items()]


def _mismatch(currency: str, count: int) -> CheckMessage:
    return Error(
        f"CURRENCY={settings.CURRENCY}, but {count} open orders are in {currency}.",
        hint=f"Set CURRENCY={currency} until they are shipped or cancelled. To sell in "
        f"{settings.CURRENCY}, start a second shop: another DATABASE_URL or DATA_DIR.",
        id="shop.E032",
    )
