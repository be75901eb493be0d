"""What the steps of a stock-take do."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from flows.services import about_of
from flows.stock_take.models import StockCount, StockTake
from inventory.errors import OutOfStock
from inventory.models import StockItem
from inventory.services import adjust
from saga.errors import Abort, ManualIntervention
from saga.results import Choice, Wait
from saga.step import Context
from shop import database_clock

# Staff are reminded of a stock-take that is not counted after this time.
COUNT_WITHIN = timedelta(days=7)


def take_of(context: Context) -> StockTake:
    return StockTake.objects.get(pk=int(about_of(context)))


def freeze(context: Context) -> dict[str, int]:
    """List the SKUs to count. Aborts if one is being counted elsewhere."""
    take = take_of(context)
    items = StockItem.objects.filter(shelf__startswith=take.shelves)
    counts = [StockCount(take=take, sku=one.sku, shelf=one.shelf) for one in items]
    if not counts:
        message = f"no goods have a shelf that begins with {take.shelves!r}"
        raise Abort(message, "nothing to count")
    try:
        with transaction.atomic():
            StockCount.objects.bulk_create(counts)
    except IntegrityError:
        message = "some of these goods are being counted in another stock-take"
        raise Abort(message, "counted elsewhere") from None
    return {"skus": len(counts)}


def thaw(context: Context) -> None:
    """Undo: forget the list and what was counted."""
    StockCount.objects.filter(take=take_of(context), is_open=True).delete()


def await_counts(context: Context) -> Wait | None:
    """Wait until staff have finished counting."""
    take = take_of(context)
    if take.finished_at:
        return None
    now, late = database_clock.read(), take.created_at + COUNT_WITHIN
    if now < late:
        return Wait(late, "counts")
    return Wait(now + COUNT_WITHIN, "counts", "the stock-take is not counted")


def judge(context: Context) -> Choice:
    """Go on, past the approval, if no more units differ than may."""
    take = take_of(context)
    units = sum(abs(count.difference) for count in take.counts.all())
    way = "approve" if units > take.approve_above else "post"
    return Choice(way, {"units": units})


def counted_by(context: Context) -> str:
    return take_of(context).finished_by


def approve(context: Context) -> dict[str, str]:
    return {"by": (context.answer or {})["by"]}


def post(context: Context) -> dict[str, int]:
    """Correct the books, once for each SKU that differs."""
    take, posted = take_of(context), 0
    for count in take.counts.filter(is_open=True).order_by("sku"):
        if count.difference:
            note = f"{count.counted} counted, {count.expected} by the books"
            reference = f"stock-take {take.pk}"
            try:
                adjust(count.sku, count.difference, reference, note, take.finished_by)
            except OutOfStock as error:
                message = f"more units are missing than are free: {error}"
                raise ManualIntervention(message) from error
            posted += 1
    take.counts.update(is_open=False)
    StockTake.objects.filter(pk=take.pk).update(posted_at=database_clock.read())
    return {"corrected": posted}
