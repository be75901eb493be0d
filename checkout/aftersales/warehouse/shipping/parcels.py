"""The parcels that the warehouse reports, as the shop records and announces them."""

import uuid

from checkout.aftersales import dispatch, dispatch_errors, exchanges
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import ParcelReport
from checkout.aftersales.warehouse.progress import units
from checkout.aftersales.warehouse.shipping.contents import allocate
from checkout.aftersales.warehouse.shipping.errors import SentWrongly
from checkout.aftersales.warehouse.shipping.shortage import WAREHOUSE_ACTOR
from orders import transitions
from orders.errors import ReturnRefused
from orders.models import Carrier, Exchange, Order, Parcel
from orders.parcels import due, due_again
from orders.transitions import exchanges as moves
from shop.database_clock import Now


def announce(order: Order, row: WarehouseOrder) -> int:
    """Record every reported parcel and queue its mail. Return how many were new.

    With the last unit the order is shipped. Raises BeingCancelled while the order is
    being cancelled, and SentWrongly if a parcel must not have left.
    """
    return sum(_announce_one(order, parcel) for parcel in row.parcel_reports)


def deliver(order: Order, row: WarehouseOrder) -> int:
    """Record every parcel as delivered. Return how many were not before."""
    uids = [_uid(order, parcel) for parcel in row.parcel_reports]
    rows = Parcel.objects.filter(uid__in=uids, delivered_at=None)
    return sum(
        transitions.deliver(parcel, Now(), actor=WAREHOUSE_ACTOR) for parcel in rows
    )


def announce_exchange(exchange: Exchange, row: WarehouseOrder) -> int:
    """Record every reported parcel of an exchange and queue its mail. See announce.

    Raises SentWrongly if the exchange was dropped here.
    """
    return sum(_announce_again(exchange, parcel) for parcel in row.parcel_reports)


def deliver_exchange(exchange: Exchange) -> int:
    """Record every parcel as delivered. Return how many were not before."""
    return moves.deliver(exchange, Now())


def _announce_again(exchange: Exchange, parcel: ParcelReport) -> bool:
    uid = uuid.uuid5(exchange.order.uid, f"parcel {parcel.id} of {exchange.number}")
    if Parcel.objects.filter(uid=uid).exists():
        return False
    try:
        sent = exchanges.send(
            exchange,
            carrier=_carrier(parcel),
            tracking_number=parcel.tracking_number,
            actor=WAREHOUSE_ACTOR,
            items=allocate(due_again(exchange), units(parcel.items)),
            uid=uid,
        )
    except ReturnRefused as error:
        message = f"the warehouse has sent parcel {parcel.id}, and: {error}"
        raise SentWrongly(message) from error
    return sent is not None


def _announce_one(order: Order, parcel: ParcelReport) -> bool:
    uid = _uid(order, parcel)
    if Parcel.objects.filter(uid=uid).exists():
        return False
    try:
        sent = dispatch.ship(
            order,
            carrier=_carrier(parcel),
            tracking_number=parcel.tracking_number,
            actor=WAREHOUSE_ACTOR,
            items=allocate(due(order), units(parcel.items)),
            uid=uid,
        )
    except dispatch_errors.BeingCancelled:
        # Not decided yet: the warehouse will refuse to stop what has left.
        raise
    except dispatch_errors.NotShippable as error:
        message = f"the warehouse has sent parcel {parcel.id}, and: {error}"
        raise SentWrongly(message) from error
    return sent is not None


def _carrier(parcel: ParcelReport) -> str:
    known = parcel.carrier in Carrier.values
    return parcel.carrier if known else Carrier.OTHER.value


def _uid(order: Order, parcel: ParcelReport) -> uuid.UUID:
    """Return the same id for the same parcel, however often it is reported."""
    return uuid.uuid5(order.uid, f"parcel {parcel.id} of the warehouse")
