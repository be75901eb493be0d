"""The notice that products run out: one a day, with all of them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from checkout.alerts.notices import Notice, and_more, next_steps
from checkout.status.names import CHECKOUT_NAME
from checkout.stream.models import LowStock
from events.consumers import Consumer
from events.models import Event
from inventory.models import StockItem
from saga.alerting import raise_notice
from saga.models import Alert
from saga.retention import is_due
from shop.web.admin_addresses import list_page

LOW_STOCK = "low_stock"
ANCHOR = "a-product-runs-out"
# In the shop's zone: before the day's orders to suppliers are written.
HOUR = 8
# Less than a day, so that a late morning does not put off the next one.
EVERY = timedelta(hours=20)
MOST_NAMED = 50


def watch(event: Event) -> None:
    """Note that the product of a movement runs out, or does no longer; twice is once.

    It looks at the stock of now, so a replay notes nothing that is over.
    """
    item = StockItem.objects.filter(sku=event.data["sku"]).first()
    if item is None:
        return
    if item.free > item.low_at:
        LowStock.objects.filter(sku=item.sku).delete()
    else:
        LowStock.objects.get_or_create(sku=item.sku)


def tell_if_due(now: datetime) -> int:
    """Alert staff in the morning if products have become low. Return how many."""
    if timezone.localtime(now).hour < HOUR:
        return 0
    if not LowStock.objects.filter(told_at=None).exists():
        return 0
    return tell(now) if is_due("low stock", EVERY, now) else 0


@transaction.atomic
def tell(now: datetime) -> int:
    """Alert staff to all products that run out, if any of them is new."""
    new = LowStock.objects.filter(told_at=None).update(told_at=now)
    if new:
        raise_notice(CHECKOUT_NAME, LOW_STOCK, now)
    return new


def write(alert: Alert) -> Notice:
    """Name the products that are low now; those that are new come first."""
    new = set(LowStock.objects.filter(told_at=alert.opened_at).values_list("sku"))
    known = LowStock.objects.values_list("sku", flat=True)
    items = [one for one in StockItem.objects.filter(sku__in=known) if _is_low(one)]
    items.sort(key=lambda item: ((item.sku,) not in new, item.sku))
    lines = [_describe(item, is_new=(item.sku,) in new) for item in items]
    more = len(lines) - MOST_NAMED
    title = ngettext(
        "%(count)d product is low on stock",
        "%(count)d products are low on stock",
        len(items),
    )
    page = list_page("inventory_stockitem")
    return title % {"count": len(items)}, [
        *lines[:MOST_NAMED],
        *([and_more(more)] if more > 0 else []),
        gettext(
            "Order more, or lower the low-stock threshold if this many are enough."
        ),
        *next_steps(page, ANCHOR),
    ]


def _describe(item: StockItem, *, is_new: bool) -> str:
    text = gettext("%(sku)s: %(free)d left, threshold %(low)d")
    if is_new:
        text = gettext("%(sku)s: %(free)d left, threshold %(low)d, new")
    return text % {"sku": item.sku, "free": item.free, "low": item.low_at}


def _is_low(item: StockItem) -> bool:
    return item.free <= item.low_at


WRITERS = {LOW_STOCK: write}
CONSUMER = Consumer("low-stock", ("stock.*",), watch)
