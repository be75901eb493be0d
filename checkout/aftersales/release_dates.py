"""Orders follow the release dates of their pre-orders, and their customers are told.

Staff change the date of a product. What orders keep is compared with it once a minute:
so it holds however the date was changed, and a crash loses nobody.
"""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from checkout.aftersales import listeners
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.shipping.promise import Transit, promise
from checkout.shipping.table import read_table
from orders.models import Order, OrderLine
from orders.transitions.releases import OPEN, Promised, move_release
from shop.catalogue.models import Variant

EVERY = timedelta(minutes=1)
_AT_ONCE = 100
_AT_ONCE_SENT = Transit(0, 0)


def follow() -> int:
    """Move orders whose release date was changed since. Return how many.

    Those of which something has left, and lines whose SKU is no longer sold, stay.
    """
    orders = Order.objects.filter(pk__in=_outdated().values("order"))
    rows = orders.order_by("pk")[:_AT_ONCE]
    return sum(_follow(order) for order in rows)


def _outdated() -> QuerySet[OrderLine]:
    variants = Variant.objects.filter(sku=OuterRef("sku"))
    others = variants.exclude(product__release_on=OuterRef("release_on"))
    nothing_left = Q(order__shipment=None) | Q(order__shipment__parcel_count=0)
    return OrderLine.objects.filter(
        Exists(others), nothing_left, release_on__isnull=False, order__status__in=OPEN
    )


@transaction.atomic
def _follow(order: Order) -> bool:
    lines = dict(_outdated().filter(order=order).values_list("sku", "pk"))
    now = Variant.objects.filter(sku__in=lines)
    dates = {
        lines[sku]: day for sku, day in now.values_list("sku", "product__release_on")
    }
    others = OrderLine.objects.filter(order=order).exclude(pk__in=dates)
    kept = others.values_list("release_on", flat=True)
    days = [day for day in (*dates.values(), *kept) if day]
    not_before = max(days, default=None)
    times = move_release(order, dates, _promised(order, not_before))
    if times:
        outbox.queue(order, MailKind.RELEASE_MOVED, str(times))
        listeners.tell(order.number)
    return bool(times)


def _promised(order: Order, not_before: date | None) -> Promised:
    """Return the days that the order promises now; it takes as long as it would have.

    A delivery day that was chosen and can no longer be kept is dropped.
    """
    if not (order.ship_by and order.promised_from and order.promised_until):
        return Promised(not_before, delivery_on=order.delivery_on)
    table, now = read_table()
    promised = promise(table.calendar, _AT_ONCE_SENT, now, not_before)
    if promised is None:
        return Promised(not_before)
    later = promised.ship_by - order.ship_by
    until = order.promised_until + later
    chosen = order.delivery_on
    return Promised(
        not_before=not_before,
        ship_by=promised.ship_by,
        promised_from=order.promised_from + later,
        promised_until=until,
        delivery_on=chosen if chosen and chosen >= until else None,
    )
