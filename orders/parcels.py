"""The goods of an order's parcels: lines as bought, and substitutes for missing goods.

The parcels that left are rows of ``orders.models.Parcel``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q

from orders.models import (
    Exchange,
    Order,
    OrderLine,
    ReturnLine,
    Shipment,
    ShortageLine,
    Substitute,
)


@dataclass(frozen=True)
class Units:
    """Units of one line: the goods bought, or a substitute that replaces them."""

    line: OrderLine
    quantity: int
    substitute: Substitute | None = None

    @property
    def goods(self) -> OrderLine | Substitute:
        """Return the article of these units."""
        return self.substitute or self.line


@dataclass(frozen=True)
class Instead:
    """A substitute for the missing units of ``row``. ``unit_minor`` is its price."""

    row: ShortageLine
    sku: str
    name: str
    variant: str
    unit_minor: int

    @property
    def quantity(self) -> int:
        return self.row.quantity

    @property
    def paid_minor(self) -> int:
        """Return what the customer pays for one: no more than for the missing one."""
        return min(self.unit_minor, self.row.paid_minor)

    @property
    def borne_minor(self) -> int:
        """Return what the shop pays in all if the substitute costs more."""
        return (self.unit_minor - self.paid_minor) * self.quantity


def parcel(order: Order) -> list[Units]:
    """Return what is to be sent, or was sent: all units not put back into stock."""
    own = [Units(line, line.quantity - line.restocked) for line in order.lines.all()]
    instead = [
        Units(row.place.line, row.left, row)
        for row in Substitute.objects.sent_for(order)
    ]
    return [units for units in (*own, *instead) if units.quantity]


def to_send(order: Order) -> list[Units]:
    """Return what is sent in all, what has left and came back included."""
    own = [Units(line, line.to_send) for line in order.lines.all()]
    instead = [
        Units(row.place.line, row.to_send, row)
        for row in Substitute.objects.sent_for(order)
    ]
    return [units for units in (*own, *instead) if units.quantity]


def has_left(order: Order) -> bool:
    """Return whether a parcel of the order left, or its customer picked it up."""
    return Shipment.objects.filter(order=order, parcel_count__gt=0).exists()


def still_due(count: int) -> Q:
    """Return the condition that a row has ``count`` units that are still to be sent."""
    gone = F("restocked") - F("came_back") + F("shipped")
    return Q(quantity__gte=gone + count)


def due(order: Order) -> list[Units]:
    """Return what is still to be sent: no parcel has it, and it is not back in stock.

    Of a line that was sent in part, what is put back into stock is taken from the units
    that did not leave, as long as there are any. It is read now, whatever was
    prefetched.
    """
    lines = OrderLine.objects.filter(order=order)
    return due_of(lines, Substitute.objects.sent_for(order))


def due_of(
    lines: Iterable[OrderLine], substitutes: Iterable[Substitute]
) -> list[Units]:
    """Return what is due of these rows of one order."""
    own = [Units(line, line.due) for line in lines]
    instead = [Units(row.place.line, row.due, row) for row in substitutes]
    return [units for units in (*own, *instead) if units.quantity]


def returnable(order: Order) -> list[Units]:
    """Return what left, and neither came back nor is in a return, read now."""
    own = [
        Units(line, line.returnable) for line in OrderLine.objects.filter(order=order)
    ]
    instead = [
        Units(row.place.line, row.returnable, row)
        for row in Substitute.objects.sent_for(order)
    ]
    return [units for units in (*own, *instead) if units.quantity]


def name_of(goods: OrderLine | Substitute | Instead) -> str:
    """Return the name that customers read, such as Morning Mug (Blue)."""
    return f"{goods.name} ({goods.variant})" if goods.variant else goods.name


def exchanged(exchange: Exchange) -> list[Units]:
    """Return what is sent again, or was."""
    rows = exchange.returned.lines.select_related("line", "substitute")
    return [
        Units(row.line, row.exchanged, row.substitute) for row in rows if row.exchanged
    ]


def due_again(exchange: Exchange) -> list[Units]:
    """Return what of an exchange is still to be sent, read now."""
    rows = ReturnLine.objects.filter(returned=exchange.returned_id).order_by("pk")
    related = rows.select_related("line", "substitute")
    return [
        Units(row.line, row.due_again, row.substitute)
        for row in related
        if row.due_again
    ]


def counted(goods: Substitute | Instead) -> str:
    """Return name and quantity of a substitute: Morning Mug (Blue) × 2."""  # noqa: RUF002
    return f"{name_of(goods)} \N{MULTIPLICATION SIGN} {goods.quantity}"


def in_order(units: Units) -> tuple[int, int]:
    """Return the sort key: several rows are always locked in this order."""
    return units.line.pk, units.substitute.pk if units.substitute else 0


def by_sku(parts: Iterable[Units]) -> dict[str, int]:
    """Return SKU -> units."""
    total: Counter[str] = Counter()
    for units in parts:
        total[units.goods.sku] += units.quantity
    return dict(total)
