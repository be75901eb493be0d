"""The notice that a product runs out: once, until units come in again."""

from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from checkout.status.names import CHECKOUT_NAME
from checkout.stream.models import LowStock
from events.consumers import Consumer
from events.models import Event
from inventory.models import StockItem
from saga.alerting import raise_notice
from saga.models import Alert
from shop import database_clock

LOW_STOCK = "low_stock"
ANCHOR = "a-product-runs-out"


def watch(event: Event) -> None:
    """Alert staff if the product of a movement has become low; twice is once."""
    item = StockItem.objects.filter(sku=event.data["sku"]).first()
    if item is None:
        return
    if item.free > item.low_at:
        LowStock.objects.filter(sku=item.sku).delete()
        return
    _row, is_new = LowStock.objects.get_or_create(sku=item.sku)
    if is_new:
        raise_notice(CHECKOUT_NAME, f"{LOW_STOCK} {item.sku}", database_clock.read())


def write(alert: Alert) -> Notice:
    sku = key_of(alert)
    item = StockItem.objects.filter(sku=sku).first()
    left = item.free if item else 0
    page = reverse("admin:inventory_stockitem_changelist")
    return f"{sku} is low on stock: {left} left", [
        "Order more, or lower its low-stock threshold if this many are enough.",
        *next_steps(f"{page}?q={sku}", ANCHOR),
    ]


WRITERS = {LOW_STOCK: write}
CONSUMER = Consumer("low-stock", ("stock.*",), watch)
