"""Until when a customer may ask to return goods, and what the order's page shows."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from orders.models import Order, Parcel, Return
from orders.parcels import has_left, returnable
from orders.selectors import returns_of
from shop import database_clock
from shop.profile.selectors import Seller, read_seller


@dataclass(frozen=True)
class ReturnsOnPage:
    """What the order's page shows. ``until``: the last day to ask; None: not now.

    ``seller`` has the address to which approved returns are sent; None without one.
    """

    rows: list[Return]
    until: date | None
    seller: Seller | None


def last_day_to_ask(order: Order) -> date | None:
    """Return the last day on which the customer may ask; None if there is no such day.

    It counts from the day on which the last parcel left, of those that did.
    """
    parcels = Parcel.objects.filter(shipment__order=order)
    last = parcels.aggregate(at=Max("dispatched_at"))["at"]
    if not settings.RETURN_DAYS or last is None:
        return None
    return timezone.localdate(last) + timedelta(days=settings.RETURN_DAYS)


def may_ask_until(order: Order) -> date | None:
    """Return the last day to ask if the customer may ask now, else None."""
    until = last_day_to_ask(order)
    if until is None or timezone.localdate(database_clock.read()) > until:
        return None
    if Return.objects.to_send().filter(order=order).exists():
        # Goods that are to be sent again are still here.
        return None
    return until if returnable(order) else None


def returns_on_page(order: Order) -> ReturnsOnPage | None:
    """Return what the order's page shows of returns; None if it shows nothing."""
    if not has_left(order):
        return None
    rows, until = returns_of(order), may_ask_until(order)
    if not rows and until is None:
        return None
    is_sending = any(row.status == Return.Status.APPROVED for row in rows)
    return ReturnsOnPage(rows, until, read_seller() if is_sending else None)
