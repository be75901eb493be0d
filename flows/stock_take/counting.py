"""Enter counts, and finish counting: what staff do between two steps of the flow."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext

from flows.services import last_run
from flows.stock_take.models import StockCount, StockTake
from inventory.models import StockItem
from orders.models import OrderLine, Return, ReturnLine, Shipment, Substitute
from saga.models import Saga
from saga.operations.start import wake_rows
from shop import database_clock

NAME = "stock_take"
# Booked out, and still on the shelf until they are packed.
_NOT_SENT = (Shipment.Status.REQUESTED, Shipment.Status.HELD_BACK)


class CountRefused(Exception):
    """The counts cannot be taken. ``sentence`` says why, in the staff's language."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@transaction.atomic
def on_shelf(skus: Iterable[str]) -> dict[str, int]:
    """Return SKU -> units that must lie there: on hand, and sold but not yet sent.

    Announced units that have not come are left out. The rows stay locked until the
    transaction ends, so that no sale moves units between the two reads.
    """
    names = list(skus)
    items = StockItem.objects.filter(sku__in=names).order_by("sku").select_for_update()
    found = dict.fromkeys(names, 0)
    found |= {item.sku: item.on_hand - item.awaited for item in items}
    lines = OrderLine.objects.filter(
        sku__in=names, order__shipment__status__in=_NOT_SENT
    )
    substitutes = Substitute.objects.filter(
        sku__in=names, place__line__order__shipment__status__in=_NOT_SENT
    )
    for row in (*lines, *substitutes):
        found[row.sku] += row.due
    # Goods of an exchange were booked out when it was decided.
    again = ReturnLine.objects.filter(
        Q(substitute=None, line__sku__in=names) | Q(substitute__sku__in=names),
        returned__status=Return.Status.EXCHANGE,
    )
    for each in again.select_related("line", "substitute"):
        found[each.goods.sku] += each.due_again
    return {sku: max(0, units) for sku, units in found.items()}


@transaction.atomic
def enter(take: StockTake, counted: Mapping[str, int], actor: str) -> int:
    """Store counts (SKU -> units), with what the books say now. Return how many.

    A count replaces an earlier one. Raises CountRefused if counting is over.
    """
    _lock(take)
    expected = on_shelf(counted)
    rows = StockCount.objects.filter(take=take, is_open=True)
    return sum(
        rows.filter(sku=sku).update(
            counted=units, expected=expected[sku], counted_by=actor
        )
        for sku, units in sorted(counted.items())
    )


@transaction.atomic
def finish(take: StockTake, actor: str) -> None:
    """End the counting and let the flow go on. Raises CountRefused if some is left."""
    _lock(take)
    left = StockCount.objects.filter(take=take, counted=None).count()
    if left:
        raise CountRefused(gettext("Not counted yet: %(count)d") % {"count": left})
    now = database_clock.read()
    StockTake.objects.filter(pk=take.pk).update(finished_by=actor, finished_at=now)
    saga = last_run(NAME, str(take.pk))
    if saga:
        wake_rows(Saga.objects.filter(pk=saga.pk))


def _lock(take: StockTake) -> None:
    """Lock the row; an UPDATE, because SQLite has no other lock."""
    rows = StockTake.objects.filter(pk=take.pk, finished_at=None)
    is_counted = StockCount.objects.filter(take=take, is_open=True).exists()
    if not rows.update(shelves=F("shelves")) or not is_counted:
        raise CountRefused(gettext("Nothing is counted here any more."))
