"""What one shipping saga follows: the shipment of an order, or an exchange.

Both have a number that is their name at the warehouse, goods, a recipient, and parcels
that are announced. They differ in what is missing: the shortage desk decides about
items that were paid for, and about those of an exchange staff decide by themselves.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Protocol

from django.utils import timezone

from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import Item, Recipient, Service
from checkout.aftersales.warehouse.shipping import parcels, shortage
from checkout.aftersales.warehouse.shipping.errors import ExchangeShort
from orders.models import Exchange, Order, Shipment
from orders.numbers import is_exchange
from orders.parcels import Units, by_sku, exchanged, name_of, to_send
from saga.step import Context


class Consignment(Protocol):
    """Goods for one customer that the warehouse is asked to send."""

    @property
    def number(self) -> str:
        """Return its name at the warehouse, and the saga's reference."""

    @property
    def order(self) -> Order:
        """Return the order, with its recipient."""

    @property
    def is_over(self) -> bool:
        """Return whether nothing more is to be sent: it has left, or was called off."""

    @property
    def released_at(self) -> datetime | None:
        """Return when it may be asked for, while that is still to come; else None."""

    @property
    def is_called_off(self) -> bool:
        """Return whether nothing is to be sent after all."""

    @property
    def is_held_back(self) -> bool:
        """Return whether it waits here for missing goods."""

    def contents(self) -> list[Units]:
        """Return all that is sent, what has left included."""

    def remember(self) -> WarehouseOrder:
        """Store what is asked for, before it is asked. Twice is once."""

    def announce(self, row: WarehouseOrder) -> int:
        """Record every reported parcel and queue its mail. Return how many were new.

        Raises BeingCancelled while the order is being cancelled, and SentWrongly if a
        parcel must not have left.
        """

    def deliver(self, row: WarehouseOrder) -> int:
        """Record every parcel as delivered. Return how many were not before."""

    def note_missing(self, row: WarehouseOrder) -> None:
        """Hand what is missing to those who decide. Raises ManualIntervention."""

    def is_decided(self, row: WarehouseOrder) -> bool:
        """Return whether it was decided what becomes of what is missing."""


@dataclass(frozen=True)
class OrderConsignment:
    """The shipment of an order. See Consignment."""

    order: Order

    @property
    def number(self) -> str:
        return self.order.number

    @property
    def is_over(self) -> bool:
        over = (Shipment.Status.CALLED_OFF, Shipment.Status.DISPATCHED)
        return self.order.shipment.status in over

    @property
    def released_at(self) -> datetime | None:
        if not self.order.is_early or self.order.not_before is None:
            return None
        if WarehouseOrder.objects.filter(shipment=self.order.shipment).exists():
            # It was asked for, or is about to be, before the release moved.
            return None
        zone = timezone.get_default_timezone()
        return datetime.combine(self.order.not_before, time(), zone)

    @property
    def is_called_off(self) -> bool:
        return self.order.shipment.status == Shipment.Status.CALLED_OFF

    @property
    def is_held_back(self) -> bool:
        return self.order.shipment.status == Shipment.Status.HELD_BACK

    def contents(self) -> list[Units]:
        return to_send(self.order)

    def remember(self) -> WarehouseOrder:
        row, _created = WarehouseOrder.objects.get_or_create(
            shipment=self.order.shipment, defaults={"items": stored_items(self)}
        )
        return row

    def announce(self, row: WarehouseOrder) -> int:
        return parcels.announce(self.order, row)

    def deliver(self, row: WarehouseOrder) -> int:
        return parcels.deliver(self.order, row)

    def note_missing(self, row: WarehouseOrder) -> None:
        shortage.record(self.order, row)

    def is_decided(self, row: WarehouseOrder) -> bool:
        return shortage.is_settled(self.order, row)


@dataclass(frozen=True)
class ExchangeConsignment:
    """What is sent in exchange for returned items. See Consignment."""

    exchange: Exchange

    @property
    def number(self) -> str:
        return self.exchange.number

    @property
    def order(self) -> Order:
        return self.exchange.order

    @property
    def is_over(self) -> bool:
        return self.exchange.status != Exchange.Status.REQUESTED

    @property
    def released_at(self) -> datetime | None:
        return None

    @property
    def is_called_off(self) -> bool:
        return self.exchange.status == Exchange.Status.DROPPED

    @property
    def is_held_back(self) -> bool:
        """Return False: the goods left the stock when the exchange was decided."""
        return False

    def contents(self) -> list[Units]:
        return exchanged(self.exchange)

    def remember(self) -> WarehouseOrder:
        row, _created = WarehouseOrder.objects.get_or_create(
            exchange=self.exchange, defaults={"items": stored_items(self)}
        )
        return row

    def announce(self, row: WarehouseOrder) -> int:
        return parcels.announce_exchange(self.exchange, row)

    def deliver(self, row: WarehouseOrder) -> int:
        del row
        return parcels.deliver_exchange(self.exchange)

    def note_missing(self, row: WarehouseOrder) -> None:
        """Stop for staff, who drop the exchange, or resume to ask once more."""
        missing = ", ".join(f"{one['quantity']} x {one['sku']}" for one in row.short)
        message = f"the warehouse lacks items of the exchange: {missing}"
        raise ExchangeShort(message)

    def is_decided(self, row: WarehouseOrder) -> bool:
        """Return False: nobody decides here; staff resume the saga instead."""
        del row
        return False


def consignment_of(context: Context) -> Consignment:
    """Return what the claimed saga follows, as it is now."""
    return find(context.reference)


def find(number: str) -> Consignment:
    """Return the consignment of this number. Raises DoesNotExist."""
    if is_exchange(number):
        rows = Exchange.objects.select_related("returned__order__payment")
        return ExchangeConsignment(rows.get(number=number))
    orders = Order.objects.select_related("payment", "shipment")
    return OrderConsignment(orders.get(number=number))


def items_of(consignment: Consignment) -> list[Item]:
    """Return all that is sent, or was sent already."""
    parts = consignment.contents()
    names = {units.goods.sku: name_of(units.goods) for units in parts}
    return [Item(sku, count, names[sku]) for sku, count in by_sku(parts).items()]


def stored_items(consignment: Consignment) -> list[dict[str, object]]:
    """Return the items as the row of the warehouse keeps them."""
    return [asdict(item) for item in items_of(consignment)]


def recipient_of(order: Order) -> Recipient:
    return Recipient(
        name=order.name,
        phone=order.phone,
        postcode=order.postcode,
        prefecture=order.prefecture,
        city=order.city,
        street=order.street,
        building=order.building,
        name_kana=order.name_kana,
        gift=order.gift,
        gift_message=order.gift_message,
        note=order.note,
        country=order.country,
        region=order.region,
    )


def service_of(consignment: Consignment) -> Service:
    """Return how it is sent. The promised days were those of the order's parcel."""
    order = consignment.order
    is_first = isinstance(consignment, OrderConsignment)
    return Service(
        method=order.shipping_method,
        carrier=order.shipping_carrier,
        ship_by=order.ship_by if is_first else None,
        deliver_on=order.delivery_on if is_first else None,
        slot=order.delivery_slot,
    )
