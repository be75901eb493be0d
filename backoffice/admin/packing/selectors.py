"""The orders at the packing desk, by readiness, the most urgent first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from checkout.aftersales.pickups import is_overdue
from inventory.selectors import shelves
from orders.models import (
    Exchange,
    Order,
    Payment,
    Shipment,
    Substitute,
    is_not_packed,
)
from orders.parcels import Units, due_of
from shop import database_clock

# More rows than these are not packed in one go, and take long to show on a phone.
MOST_ROWS = 100
# Counting stops here: "1000+" says the same as a larger number.
MOST_COUNTED = 1000


class Readiness(models.TextChoices):
    """What an order at the desk waits for."""

    READY = "ready", _("To pack")
    PACKING = "packing", _("Being packed")
    PICKUP = "pickup", _("Pick-ups to prepare")
    WAITING = "waiting", _("Waiting for pick-up")
    EXCHANGE = "exchange", _("Exchanges to send")
    HELD = "held", pgettext_lazy("orders to ship", "On hold")
    RELEASE = "release", _("To release")
    EARLY = "early", _("Pre-orders")


@dataclass(frozen=True)
class Waiting:
    """One order at the desk, or an exchange. ``units`` are what is still to be sent.

    ``shipment`` has who packs it, and whether it lies ready: the exchange's own.
    """

    order: Order
    shipment: Shipment | Exchange | None
    units: list[Units]
    today: date
    exchange: Exchange | None = None

    @property
    def number(self) -> str:
        """Return what its slip says, and a scanner reads."""
        return self.exchange.number if self.exchange else self.order.number

    @property
    def ship_by(self) -> date | None:
        """Return the promised day; for an exchange none was promised."""
        return None if self.exchange else self.order.ship_by

    @property
    def since(self) -> datetime:
        """Return since when the order waits."""
        return self.shipment.requested_at if self.shipment else self.order.placed_at

    @property
    def is_late(self) -> bool:
        """Return whether it should have been handed over before today."""
        return self.ship_by is not None and self.ship_by < self.today

    @property
    def is_due_today(self) -> bool:
        return self.ship_by == self.today

    @property
    def is_forgotten(self) -> bool:
        """Return whether its customer has not come for it for long."""
        ready_at = self.shipment.pickup_ready_at if self.shipment else None
        return is_overdue(ready_at, self.today)

    @property
    def is_refunded(self) -> bool:
        """Return whether nothing is left of the charge, so that it must not go."""
        payment = self.order.payment
        if self.exchange:
            return False
        return bool(payment.captured_minor) and not payment.refundable


@dataclass(frozen=True)
class Pick:
    """All units of one article for a batch, and the orders that they are for."""

    shelf: str
    units: Units
    quantity: int
    orders: list[tuple[str, int]]


def select(readiness: str) -> QuerySet[Order]:
    """Return the orders in this state: by the day they were promised to be shipped.

    Those of one day come the oldest first. What has no such day, from before there was
    a promise, comes before all others.
    """
    if readiness == Readiness.RELEASE:
        return Order.objects.filter(
            status=Order.Status.PENDING,
            ready_at=None,
            payment__status=Payment.Status.AUTHORIZED,
            payment__capture=Payment.Capture.SHIPMENT,
        ).order_by(_PROMISED, "placed_at", "pk")
    return _by_urgency(Order.objects.filter(_conditions()[readiness]))


def count(readiness: str) -> str:
    """Return how many there are, as text: at most 1000+."""
    return write_count(count_waiting(readiness))


def count_waiting(readiness: str) -> int:
    """Return how many there are, counted no further than one above MOST_COUNTED."""
    if readiness == Readiness.EXCHANGE:
        rows = Exchange.objects.to_send().order_by()
        return rows.values("pk")[: MOST_COUNTED + 1].count()
    return select(readiness).order_by().values("pk")[: MOST_COUNTED + 1].count()


def write_count(found: int) -> str:
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found)


def read_waiting(orders: QuerySet[Order]) -> list[Waiting]:
    """Return the orders with their goods: four queries for any number."""
    related = orders.select_related("payment", "shipment").prefetch_related("lines")
    rows = list(related)
    instead, today = _substitutes(rows), timezone.localdate(database_clock.read())
    return [
        Waiting(
            order,
            getattr(order, "shipment", None),
            due_of(order.lines.all(), instead[order.pk]),
            today,
        )
        for order in rows
    ]


def by_number(numbers: Iterable[str]) -> QuerySet[Order]:
    """Return the orders with these numbers, the most urgent first."""
    return _by_urgency(Order.objects.filter(number__in=list(numbers)))


def make_picks(waiting: Sequence[Waiting]) -> list[Pick]:
    """Return what to take from the shelves for these orders, in the shelves' order.

    What has no shelf comes last.
    """
    groups: dict[str, list[tuple[str, Units]]] = defaultdict(list)
    for each in waiting:
        for units in each.units:
            groups[units.goods.sku].append((each.number, units))
    shelf_of = shelves(groups)
    picks = [
        Pick(
            shelf=shelf_of.get(sku, ""),
            units=found[0][1],
            quantity=sum(units.quantity for _number, units in found),
            orders=[(number, units.quantity) for number, units in found],
        )
        for sku, found in groups.items()
    ]
    return sorted(picks, key=_shelf_order)


def _shelf_order(pick: Pick) -> Any:
    """Sort A-2 before A-10, and what has no shelf last."""
    parts = [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in _split(pick.shelf.upper())
    ]
    return not pick.shelf, parts, pick.units.goods.sku


def _split(shelf: str) -> list[str]:
    parts: list[str] = []
    for char in shelf:
        if parts and parts[-1].isdecimal() == char.isdecimal():
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _by_urgency(rows: QuerySet[Order]) -> QuerySet[Order]:
    return rows.order_by(_PROMISED, "shipment__requested_at", "pk")


def _substitutes(orders: Sequence[Order]) -> dict[int, list[Substitute]]:
    found: dict[int, list[Substitute]] = defaultdict(list)
    rows = Substitute.objects.chosen().filter(place__shortage__order__in=orders)
    for row in rows.select_related("place__line", "place__shortage").order_by("pk"):
        found[row.place.shortage.order_id].append(row)
    return found


_PROMISED = F("ship_by").asc(nulls_first=True)
_REQUESTED = Q(shipment__status=Shipment.Status.REQUESTED)
# Something is left of the charge.
_PAID = Q(
    payment__captured_minor__gt=F("payment__refunded_minor")
    + F("payment__disputed_minor")
)
_SENT = Q(pickup_place="")


def _conditions() -> dict[str, Q]:
    """Return the condition of each state; claims expire by the database's clock."""
    unclaimed = is_not_packed("shipment__")
    today = database_clock.today()
    is_due = Q(not_before=None) | Q(not_before__lte=today)
    waiting = _REQUESTED & unclaimed & _PAID
    unpacked = waiting & is_due
    return {
        Readiness.READY.value: unpacked & _SENT,
        Readiness.PACKING.value: _REQUESTED & ~unclaimed & _PAID,
        Readiness.PICKUP.value: unpacked & ~_SENT & Q(shipment__pickup_ready_at=None),
        Readiness.WAITING.value: unpacked & Q(shipment__pickup_ready_at__isnull=False),
        Readiness.EARLY.value: waiting & Q(not_before__gt=today),
        Readiness.EXCHANGE.value: Q(
            returns__sent_again__status=Exchange.Status.REQUESTED
        ),
        Readiness.HELD.value: Q(shipment__status=Shipment.Status.HELD_BACK)
        | (_REQUESTED & ~_PAID),
    }
