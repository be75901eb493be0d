"""Hold, ship and move units. Every function is atomic and repeatable.

Counters move only by guarded UPDATEs, so that two buyers of the last unit cannot both
get it, on SQLite as on PostgreSQL. The counters of one order are locked in the order of
their SKUs, after the holds, so that two carts with the same SKUs cannot deadlock.

reserve, pin and ship_out run for every order and have no savepoint of their own
(docs/adr/0008). HoldLost is raised before anything is written, so that a caller that
catches it can go on in the same transaction.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Value, When

from inventory.errors import HoldLost, NothingToMove, NotShipped, OutOfStock
from inventory.models import Hold, HoldQuerySet, Movement, StockItem
from inventory.selectors import shipped_out
from shop import database_clock


@transaction.atomic(savepoint=False)
def reserve(
    reference: str, units: Mapping[str, int], expires_at: datetime | None
) -> None:
    """Hold ``units`` (SKU -> quantity) for ``reference`` until ``expires_at``.

    All units are held, or none. Called again while the hold is active, it only moves
    the expiry; after the hold was lost, it takes the units again. Raises OutOfStock.
    """
    holds = {hold.item.sku: hold for hold in _holds(reference)}
    new = {sku: units[sku] for sku in units if sku not in holds}
    # The row may have expired since it was read: the guarded update decides.
    lost = [
        hold
        for sku, hold in holds.items()
        if sku in units
        and hold.state != Hold.State.SHIPPED
        and not _renew(hold, expires_at)
    ]
    if lost:
        Hold.objects.filter(pk__in=[hold.pk for hold in lost]).update(
            state=Hold.State.ACTIVE, expires_at=expires_at, is_parked=False
        )
    ids = _take(new | {hold.item.sku: hold.quantity for hold in lost})
    Hold.objects.bulk_create(
        Hold(
            item_id=ids[sku],
            reference=reference,
            quantity=quantity,
            expires_at=expires_at,
        )
        for sku, quantity in new.items()
    )


def pin(reference: str) -> None:
    """Make the hold of ``reference`` permanent, right before money is taken.

    Raises HoldLost if any part of it is lost, and then changes nothing. Twice is once.
    """
    rows = Hold.objects.filter(reference=reference)
    states = list(rows.values_list("state", flat=True))
    if set(states) != {Hold.State.ACTIVE}:
        raise HoldLost(reference)
    with transaction.atomic(savepoint=False):
        if rows.active().update(expires_at=None) != len(states):
            raise HoldLost(reference)


@transaction.atomic
def release(reference: str) -> int:
    """Release what is held for ``reference``. Return how many units those were."""
    return sum(_end(hold, Hold.State.RELEASED) for hold in _holds(reference).active())


def expire_holds(now: datetime | None = None, limit: int = 500) -> int:
    """Release holds that have expired. Return how many holds ended.

    Several sweepers may do this at once: each hold ends exactly once. Each hold has its
    own transaction: a lock on one buyer's counters while waiting for another buyer's
    hold would deadlock with the other buyer's calls.
    """
    now = now or database_clock.read()
    overdue = list(Hold.objects.overdue(now).order_by("expires_at", "pk")[:limit])
    return sum(_expire(hold, now) > 0 for hold in overdue)


@transaction.atomic
def _expire(hold: Hold, now: datetime) -> int:
    return _end(hold, Hold.State.EXPIRED, overdue_at=now)


def ship_out(reference: str) -> int:
    """Turn the hold of ``reference`` into movements out. Return the units moved.

    Raises HoldLost if a hold is neither active nor shipped already, and then changes
    nothing: the caller has to reserve again first.
    """
    holds = list(_holds(reference))
    left = [hold for hold in holds if hold.state != Hold.State.SHIPPED]
    if not holds or any(hold.state != Hold.State.ACTIVE for hold in left):
        raise HoldLost(reference)
    if left:
        _ship_out(reference, left)
    return sum(hold.quantity for hold in left)


@transaction.atomic
def take_back(
    reference: str, units: Mapping[str, int], returned_as: str, actor: str
) -> int:
    """Put ``units`` (SKU -> quantity) that left under ``reference`` back on the shelf.

    ``returned_as`` names the return and makes it repeatable. Raises NotShipped for a
    SKU that did not leave, and then changes nothing. The caller counts what came back.
    """
    left = shipped_out(reference)
    for sku, quantity in units.items():
        if quantity > left.get(sku, 0):
            raise NotShipped(reference, sku)
    return sum(
        quantity
        for sku, quantity in sorted(units.items())
        if move(sku, quantity, Movement.Kind.RETURN, returned_as, reference, actor)
    )


@transaction.atomic
def receive(
    sku: str, quantity: int, reference: str, note: str = "", actor: str = ""
) -> bool:
    """Add ``quantity`` (>= 1) units of ``sku``. Return whether they were added.

    The delivery's ``reference`` makes it repeatable: the same one counts once. As far
    as units were announced, these take their places and the count stays.
    """
    if quantity < 1:
        message = f"received {quantity} of {sku}: at least one unit is needed"
        raise NothingToMove(message)
    if not move(sku, quantity, Movement.Kind.RECEIVE, reference, note, actor):
        return False
    # The movement has locked the row, so nobody else takes these places now.
    awaited = StockItem.objects.values_list("awaited", flat=True).get(sku=sku)
    if came := min(quantity, awaited):
        move(sku, -came, Movement.Kind.PREORDER, reference, note, actor)
    return True


@transaction.atomic
def announce(sku: str, difference: int, reference: str, note: str, actor: str) -> bool:
    """Let ``difference`` units more (or fewer) be ordered before they come.

    Return whether it was written: the same ``reference`` counts once. Raises OutOfStock
    when fewer would remain than are promised or have come.
    """
    if difference == 0:
        message = f"announcing 0 of {sku} changes nothing"
        raise NothingToMove(message)
    return move(sku, difference, Movement.Kind.PREORDER, reference, note, actor)


@transaction.atomic
def adjust(sku: str, difference: int, reference: str, note: str, actor: str) -> bool:
    """Correct the count of ``sku``. ``note`` is the reason.

    Raises OutOfStock when fewer units would remain than are promised.
    """
    if difference == 0:
        message = f"adjusting {sku} by 0 changes nothing"
        raise NothingToMove(message)
    return move(sku, difference, Movement.Kind.ADJUST, reference, note, actor)


@transaction.atomic
def move(
    sku: str, quantity: int, kind: Movement.Kind, reference: str, note: str, actor: str
) -> bool:
    """Write one line of the ledger, and move the counter with it.

    Return whether it was written: one of a kind, reference and SKU is written once.
    Raises OutOfStock when fewer units would remain than are promised.
    """
    item, _created = StockItem.objects.get_or_create(sku=sku)
    _line, is_new = Movement.objects.get_or_create(
        item=item,
        kind=kind,
        reference=reference,
        defaults={"quantity": quantity, "note": note, "actor": actor},
    )
    if not is_new:
        return False
    rows = StockItem.objects.filter(pk=item.pk, on_hand__gte=F("held") - quantity)
    counters = {"on_hand": F("on_hand") + quantity}
    if kind == Movement.Kind.PREORDER:
        rows = rows.filter(awaited__gte=-quantity)
        counters["awaited"] = F("awaited") + quantity
    if not rows.update(**counters):
        item.refresh_from_db()
        is_announced = kind == Movement.Kind.PREORDER
        free = min(item.free, item.awaited) if is_announced else item.free
        raise OutOfStock(sku, -quantity, free)
    return True


def _holds(reference: str) -> HoldQuerySet:
    return (
        Hold.objects.filter(reference=reference)
        .select_related("item")
        .order_by("item__sku")
    )


@transaction.atomic(savepoint=False)
def _ship_out(reference: str, holds: list[Hold]) -> None:
    rows = Hold.objects.active().filter(pk__in=[hold.pk for hold in holds])
    if rows.update(state=Hold.State.SHIPPED) != len(holds):
        # Lost since it was read: the transaction is rolled back.
        raise HoldLost(reference)
    units = {hold.item.sku: hold.quantity for hold in holds}
    _in_order(units)
    quantity = _each(units)
    StockItem.objects.filter(sku__in=units).update(
        on_hand=F("on_hand") - quantity, held=F("held") - quantity
    )
    Movement.objects.bulk_create(
        Movement(
            item_id=hold.item_id,
            kind=Movement.Kind.SHIP_OUT,
            quantity=-hold.quantity,
            reference=reference,
        )
        for hold in holds
    )


def _take(units: Mapping[str, int]) -> dict[str, int]:
    """Hold all units in one statement. Return SKU -> key of its item."""
    if not units:
        return {}
    items = {item.sku: item for item in _in_order(units)}
    for sku in sorted(units):
        free = items[sku].free if sku in items else 0
        if free < units[sku]:
            raise OutOfStock(sku, units[sku], free)
    quantity = _each(units)
    taken = StockItem.objects.filter(
        sku__in=units, on_hand__gte=F("held") + quantity
    ).update(held=F("held") + quantity)
    if taken != len(units):
        # The last ones were taken since they were read.
        sku = min(units)
        raise OutOfStock(sku, units[sku], StockItem.objects.get(sku=sku).free)
    return {sku: item.pk for sku, item in items.items()}


def _in_order(units: Mapping[str, int]) -> list[StockItem]:
    """Read the items; if there are several, lock them in the order of their SKUs.

    The lock only fixes the order; the guarded UPDATE decides.
    """
    rows = StockItem.objects.filter(sku__in=units).order_by("sku")
    return list(rows.select_for_update() if len(units) > 1 else rows)


def _each(units: Mapping[str, int]) -> Case:
    """Return the quantity of a row's SKU, for one UPDATE of all rows."""
    cases = [When(sku=sku, then=Value(quantity)) for sku, quantity in units.items()]
    return Case(*cases)


def _renew(hold: Hold, expires_at: datetime | None) -> bool:
    rows = Hold.objects.active().filter(pk=hold.pk)
    return bool(rows.update(expires_at=expires_at, is_parked=False))


def _change_state(
    hold: Hold, state: Hold.State, overdue_at: datetime | None = None
) -> bool:
    rows = Hold.objects.active().filter(pk=hold.pk)
    if overdue_at is not None:
        # If it was renewed or pinned since it was read, it has not expired.
        rows = rows.filter(expires_at__lte=overdue_at)
    return bool(rows.update(state=state))


def _end(hold: Hold, state: Hold.State, overdue_at: datetime | None = None) -> int:
    if not _change_state(hold, state, overdue_at):
        return 0
    StockItem.objects.filter(pk=hold.item_id).update(held=F("held") - hold.quantity)
    return hold.quantity
