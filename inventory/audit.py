"""Does the ledger add up? Reading only.

A SKU's movements sum up to what is on hand, its active holds to what is held, and what
is on hand and what left for orders to what was ever received (counting errors put
right included).
"""

from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import Hold, Movement, StockItem


@dataclass(frozen=True)
class Count:
    """One SKU: its counters, and what ledger and holds say they should be. Units.

    ``received`` are all that came in, corrections included; ``sold`` what left.
    """

    sku: str
    on_hand: int
    held: int
    received: int
    sold: int
    promised: int

    @property
    def free(self) -> int:
        return self.on_hand - self.held

    @property
    def ledger(self) -> int:
        """Units that should be on hand."""
        return self.received - self.sold

    @property
    def adds_up(self) -> bool:
        return self.on_hand == self.ledger and self.held == self.promised


def counts() -> list[Count]:
    """Count every SKU: one statement, so that no unit is seen on its way."""
    out = Q(kind=Movement.Kind.SHIP_OUT)
    lines = Movement.objects.filter(item=OuterRef("pk"))
    holds = Hold.objects.active().filter(item=OuterRef("pk"))
    rows = StockItem.objects.annotate(
        came=_total(lines.exclude(out)),
        left=_total(lines.filter(out)),
        promised=_total(holds),
    ).order_by("sku")
    names = ("sku", "on_hand", "held", "came", "left", "promised")
    return [
        Count(sku, on_hand, held, came, -left, promised)
        for sku, on_hand, held, came, left, promised in rows.values_list(*names)
    ]


def _total(rows: QuerySet[Movement] | QuerySet[Hold]) -> Coalesce:
    """Sum up the units of an item's rows; none is zero."""
    by_item = rows.order_by().values("item").annotate(total=Sum("quantity"))
    return Coalesce(Subquery(by_item.values("total")), 0)
