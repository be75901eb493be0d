"""Exchanges: what came back is sent again, at no charge.

The goods leave the stock when it is decided, as those of an order do when it is
confirmed, so that nobody else can buy them.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from checkout.aftersales import listeners
from checkout.aftersales.custody import STOPPED
from checkout.mail import outbox
from checkout.mail.models import MailKind
from inventory import services as inventory
from orders.errors import ReturnMoved, ReturnRefused
from orders.models import Exchange, Parcel, Return
from orders.parcels import Units, by_sku, exchanged
from orders.transitions import exchanges
from shop.formatting import Wording


class ExchangeNotStopped(ReturnRefused):
    """A warehouse may still send the exchange, or did not agree to stop it."""

    def __init__(self, exchange: Exchange, sentence: Wording = "") -> None:
        super().__init__(f"{exchange.number} may still be sent by the warehouse")
        self.sentence = sentence or gettext(
            "The warehouse has it, and may still send it. Ask there first."
        )


@transaction.atomic
def begin(
    returned: Return, actor: str, units: Mapping[int, int] | None = None
) -> Exchange | None:
    """Take the goods from stock, and mail that they are sent again.

    ``units``: key of the return's line -> units; None: all that the shop kept. Return
    None if it was decided before. Raises ReturnMoved, NothingToExchange,
    TooManyExchanged, or OutOfStock if they are not free, and then changes nothing.
    """
    exchange = exchanges.begin(returned, actor, units)
    if exchange is None:
        return None
    reference = reference_of(exchange)
    inventory.reserve(reference, by_sku(exchanged(exchange)), expires_at=None)
    inventory.ship_out(reference)
    _queue_mail(exchange, MailKind.RETURN_EXCHANGED)
    listeners.request_exchange(exchange.number)
    return exchange


@transaction.atomic
def drop(exchange: Exchange, actor: str) -> bool:
    """Put back into stock what has not left: it is not sent after all. False if before.

    Raises ExchangeMoved, ReturnMoved, or ExchangeNotStopped if a warehouse may still
    send it (``call_offs.drop_exchange`` asks it); then nothing is changed.
    """
    # Locked before the warehouse's word is read, so that no parcel leaves meanwhile.
    exchanges.lock(exchange)
    _check_stopped(exchange)
    units = by_sku(exchanges.drop(exchange, actor))
    if not units:
        return False
    reference = reference_of(exchange)
    inventory.take_back(reference, units, f"{reference} dropped", actor)
    listeners.tell(exchange.number)
    return True


@transaction.atomic
def send(
    exchange: Exchange,
    *,
    carrier: str,
    tracking_number: str,
    actor: str,
    items: Sequence[Units] | None = None,
    uid: uuid.UUID | None = None,
) -> Parcel | None:
    """Record that a parcel left, and mail its number. Return None if it was before.

    It has ``items``, or everything that is left. Of an order that is picked up: that
    the customer has them, without a label. Raises ExchangeMoved or NotDueAgain, and
    then changes nothing.
    """
    parcel = exchanges.send(
        exchange,
        carrier=carrier,
        tracking_number=tracking_number,
        actor=actor,
        items=items,
        uid=uid,
    )
    if parcel:
        _queue_mail(exchange, MailKind.RETURN_SENT, parcel)
        listeners.tell(exchange.number)
    return parcel


@transaction.atomic
def make_ready(exchange: Exchange, actor: str) -> bool:
    """Record that the goods lie ready at their place, and mail it. False if before.

    Raises ExchangeMoved.
    """
    moved = exchanges.make_ready(exchange, actor)
    if moved:
        _queue_mail(exchange, MailKind.RETURN_READY, times=exchange.parcel_count)
    return moved


def _check_stopped(exchange: Exchange) -> None:
    """Raise ExchangeNotStopped if a warehouse has it and has not agreed to stop.

    What it was asked for and has not answered is stopped by the saga that follows it,
    and a parcel that it has reported is recorded first.
    """
    rows = Exchange.objects.to_send().filter(pk=exchange.pk, at_warehouse__isnull=False)
    found = rows.values_list("at_warehouse__standing", "at_warehouse__parcels").first()
    if found is None:
        return
    standing, parcels = found
    is_stopped = standing in (*STOPPED, "asked")
    if not is_stopped or len(parcels) > exchange.parcel_count:
        raise ExchangeNotStopped(exchange)


def exchange_of(returned: Return) -> Exchange:
    """Return the last exchange of a return. Raises ReturnMoved if there is none."""
    rows = returned.sent_again.select_related("returned__order")
    found = rows.first()
    if found is None:
        raise ReturnMoved(returned)
    return found


def kept_units(returned: Return) -> Mapping[str, int]:
    """Return SKU -> units: all that the shop kept of the return."""
    rows = returned.lines.select_related("line", "substitute")
    return by_sku(Units(row.line, row.kept, row.substitute) for row in rows if row.kept)


def reference_of(exchange: Exchange) -> str:
    """Return the name of the exchange in the stock's ledger; each one has its own."""
    number = exchange.returned.order.number
    return f"{number} exchange {exchange.returned_id}-{exchange.turn}"


def _queue_mail(
    exchange: Exchange,
    kind: MailKind,
    parcel: Parcel | None = None,
    *,
    times: int = 0,
) -> None:
    """Queue a mail about the exchange, once for its kind, parcel and ``times``."""
    returned = exchange.returned
    key = f"{returned.pk}-{exchange.turn}"
    about: dict[str, Any] = {"returned": returned.pk}
    if parcel:
        times, about = parcel.number, {**about, "parcel": parcel.pk}
    if times:
        key = f"{key}-{times}"
    outbox.queue(returned.order, kind, key, **about)
