"""Holds of customers who are asked for something: parked, and limited.

A customer whose card was declined, who must answer the bank or who will pay at a store
keeps the goods for a while. Together these customers may only keep a share of what is
on hand, and those of one internet address a smaller one, so that nobody empties the
shop without paying.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, Sum

from inventory.models import Hold, StockItem
from inventory.services import release

# Of an article with few units, so many may always be kept for one customer, and for all
# of them together: else nobody could be asked for another card for the last one.
_LEAST_OF_ORIGIN = 3
_LEAST_TOGETHER = 5


@dataclass(frozen=True)
class ParkLimits:
    """Shares of the units on hand, in percent, that may be parked.

    ``percent`` is for all customers who are asked for something, ``percent_of_origin``
    for those of one internet address.
    """

    percent: int
    percent_of_origin: int

    def together(self, on_hand: int) -> int:
        """Return how many units all customers together may have parked."""
        return max(_LEAST_TOGETHER, on_hand * self.percent // 100)

    def of_origin(self, on_hand: int) -> int:
        """Return how many units the customers of one address may have parked."""
        return max(_LEAST_OF_ORIGIN, on_hand * self.percent_of_origin // 100)


@transaction.atomic
def park(reference: str, until: datetime, origin: str, limits: ParkLimits) -> bool:
    """Keep the hold ``until`` then, while its customer is asked for something.

    Returns False if it was lost, or if it is too much for ``limits``: then all its
    units are released. ``origin`` is the internet address of the customer, if known.
    """
    rows = Hold.objects.releasable().filter(reference=reference)
    if not rows.update(is_parked=True, origin=origin, expires_at=until):
        return False
    # Locked before they are counted, so that two at once cannot pass a limit together.
    items = StockItem.objects.filter(pk__in=rows.values("item")).order_by("sku")
    if all(_fits(item, origin, limits) for item in list(items.select_for_update())):
        return True
    release(reference)
    return False


@transaction.atomic
def free(hold_ids: Iterable[int]) -> int:
    """Release those of these holds that are not pinned. Return how many units.

    An order whose payment still comes takes its goods again, if there are enough.
    """
    rows = Hold.objects.releasable().filter(pk__in=list(hold_ids))
    return sum(_free(hold) for hold in rows.order_by("item__sku", "pk"))


def forget_origins(before: datetime, limit: int = 1000) -> int:
    """Forget the internet addresses of holds created before then. Return how many."""
    rows = Hold.objects.exclude(origin="").filter(created_at__lt=before)
    pks = list(rows.order_by("created_at").values_list("pk", flat=True)[:limit])
    return Hold.objects.filter(pk__in=pks).update(origin="")


def _free(hold: Hold) -> int:
    # It may have been pinned since it was read: the guarded update decides.
    rows = Hold.objects.releasable().filter(pk=hold.pk)
    if not rows.update(state=Hold.State.RELEASED):
        return 0
    StockItem.objects.filter(pk=hold.item_id).update(held=F("held") - hold.quantity)
    return hold.quantity


def _fits(item: StockItem, origin: str, limits: ParkLimits) -> bool:
    """Return whether what is parked of the item is within the limits.

    The hold that was just parked from ``origin`` is there, so no sum is empty.
    """
    parked = (
        Hold.objects.parked()
        .filter(item=item)
        .aggregate(
            all=Sum("quantity"),
            here=Sum("quantity", filter=Q(origin=origin)),
        )
    )
    here_fits = not origin or parked["here"] <= limits.of_origin(item.on_hand)
    return bool(here_fits and parked["all"] <= limits.together(item.on_hand))
