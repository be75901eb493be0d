"""What needs staff in the stock: goods that did not come, and goods that run out."""

from collections.abc import Iterator

from django.db.models import F
from django.urls import reverse
from django.utils.translation import ngettext

from backoffice.admin.dashboard.line import Line
from inventory.models import StockItem
from shop import database_clock
from shop.catalogue.models import Variant


def stock_lines() -> Iterator[Line]:
    listed = reverse("admin:inventory_stockitem_changelist")
    released = Variant.objects.filter(product__release_on__lte=database_clock.today())
    late = StockItem.objects.filter(awaited__gt=0, sku__in=released.values("sku"))
    if count := late.count():
        text = ngettext(
            "%(count)d released product has not arrived yet",
            "%(count)d released products have not arrived yet",
            count,
        )
        yield Line(text % {"count": count}, f"{listed}?free=awaited", "low")
    low = StockItem.objects.filter(on_hand__lte=F("held") + F("low_at"))
    if count := low.count():
        text = ngettext(
            "%(count)d product is low on stock",
            "%(count)d products are low on stock",
            count,
        )
        yield Line(text % {"count": count}, f"{listed}?free=low", "low")
