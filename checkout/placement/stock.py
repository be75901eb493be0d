"""Whether there is enough for an order, before it is made.

The goods are set aside by the order's saga, a moment later. In a rush many orders come
in that moment. So where an article is scarce, the units of orders that have no hold yet
are counted as well, one placement after the other.
"""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from checkout.cart.quotes import Quote
from checkout.placement.errors import SoldOut
from inventory.models import Hold, StockItem
from orders.models import Order, OrderLine
from shop.database_clock import Now

# With more units left than this, the moment is not long enough to sell them.
_SCARCE = 50
# An order whose goods are not set aside by then waits for a worker or the sweeper.
_MOMENT = timedelta(seconds=30)


def check_stock(quote: Quote) -> None:
    """Raise SoldOut if orders placed a moment ago take what this one asks for.

    Must be called in the transaction that writes the order: it locks scarce articles,
    in the order of their SKUs, so that of two orders at once the second one counts the
    first.
    """
    scarce = {
        line.sku: line for line in quote.lines if line.free - line.quantity < _SCARCE
    }
    if not scarce:
        return
    items = StockItem.objects.filter(sku__in=scarce).order_by("sku")
    locked = items.select_for_update().values_list("pk", flat=True)
    left = _left(list(locked))
    gone = [line for sku, line in scarce.items() if left.get(sku, 0) < line.quantity]
    if gone:
        raise SoldOut([line.name for line in gone])


def _left(item_ids: list[int]) -> dict[str, int]:
    """Return SKU -> units that are neither held nor ordered a moment ago."""
    hold = Hold.objects.filter(
        reference=OuterRef("order__number"), item__sku=OuterRef("sku")
    )
    ordered = (
        OrderLine.objects.filter(
            ~Exists(hold),
            sku=OuterRef("sku"),
            order__status=Order.Status.PENDING,
            order__placed_at__gt=Now(-_MOMENT),
        )
        .order_by()
        .values("sku")
        .annotate(units=Sum("quantity"))
    )
    rows = StockItem.objects.filter(pk__in=item_ids)
    left = F("on_hand") - F("held") - Coalesce(Subquery(ordered.values("units")), 0)
    return dict(rows.values_list("sku", left))
