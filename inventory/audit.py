"""Counts of every SKU, to check that counters and ledger agree. Reads only.

A SKU's movements sum up to what is on hand, and its active holds to what is held. What
is on hand plus what was shipped is what was received, corrections included.
"""

from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import Hold, Movement, StockItem


@dataclass(frozen=True)
class Count:
    """The counters of one SKU and the sums of its ledger and holds, in units.

    ``received`` are all that came in, corrections and announced ones included; ``sold``
    are those shipped. ``announced`` is what the ledger says of ``awaited``.
    """

    sku: str
    on_hand: int
    held: int
    received: int
    sold: int
    promised: int
    awaited: int = 0
    announced: int = 0

    @property
    def free(self) -> int:
        return self.on_hand - self.held

    @property
    def ledger(self) -> int:
        """Return the units that should be on hand."""
        return self.received - self.sold

    @property
    def adds_up(self) -> bool:
        return (
            self.on_hand == self.ledger
            and self.held == self.promised
            and self.awaited == self.announced
        )


def counts() -> list[Count]:
    """Count every SKU, in one statement, so that no half-done move is seen."""
    out = Q(kind=Movement.Kind.SHIP_OUT)
    lines = Movement.objects.filter(item=OuterRef("pk"))
    holds = Hold.objects.active().filter(item=OuterRef("pk"))
    rows = StockItem.objects.annotate(
        came=_total(lines.exclude(out)),
        left=_total(lines.filter(out)),
        promised=_total(holds),
        announced=_total(lines.filter(kind=Movement.Kind.PREORDER)),
    ).order_by("sku")
    names = ("sku", "on_hand", "held", "came", "left", "promised")
    more = ("awaited", "announced")
    return [
        Count(sku, on_hand, held, came, -left, promised, *preorders)
        for sku, on_hand, held, came, left, promised, *preorders in rows.values_list(
            *names, *more
        )
    ]


def _total(rows: QuerySet[Movement] | QuerySet[Hold]) -> Coalesce:
    """Return the sum of units of an item's rows; 0 if there are none."""
    by_item = rows.order_by().values("item").annotate(total=Sum("quantity"))
    return Coalesce(Subquery(by_item.values("total")), 0)
