"""Exchanges: what came back is sent again, at no charge.

The goods leave the stock when it is decided, as those of an order do when it is
confirmed, so that nobody else can buy them.
"""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext

from checkout.aftersales import listeners
from checkout.aftersales.custody import STOPPED
from checkout.mail import outbox
from checkout.mail.models import MailKind
from inventory import services as inventory
from orders.errors import ReturnMoved, ReturnRefused
from orders.models import Exchange, Return
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
    """Put the goods back into stock: nothing is sent after all. False if before.

    Raises ExchangeMoved, ReturnMoved, or ExchangeNotStopped if a warehouse may still
    send it (``call_offs.drop_exchange`` asks it); then nothing is changed.
    """
    reference, units = reference_of(exchange), by_sku(exchanged(exchange))
    _check_stopped(exchange)
    if not exchanges.drop(exchange, actor):
        return False
    inventory.take_back(reference, units, f"{reference} dropped", actor)
    listeners.tell(exchange.number)
    return True


@transaction.atomic
def send(exchange: Exchange, *, carrier: str, tracking_number: str, actor: str) -> bool:
    """Record that the parcel left, and mail its number. Return False if it was before.

    Of an order that is picked up: that the customer has the goods, without a label.
    Raises ExchangeMoved, and then changes nothing.
    """
    label = {"carrier": carrier, "tracking_number": tracking_number}
    moved = exchanges.send(exchange, actor=actor, **label)
    if moved:
        _queue_mail(exchange, MailKind.RETURN_SENT)
        listeners.tell(exchange.number)
    return moved


@transaction.atomic
def make_ready(exchange: Exchange, actor: str) -> bool:
    """Record that the goods lie ready at their place, and mail it. False if before.

    Raises ExchangeMoved.
    """
    moved = exchanges.make_ready(exchange, actor)
    if moved:
        _queue_mail(exchange, MailKind.RETURN_READY)
    return moved


def _check_stopped(exchange: Exchange) -> None:
    """Raise ExchangeNotStopped if a warehouse has it and has not agreed to stop.

    What it was asked for and has not answered is stopped by the saga that follows it.
    """
    rows = Exchange.objects.to_send().filter(pk=exchange.pk, at_warehouse__isnull=False)
    open_ = rows.exclude(at_warehouse__standing__in=[*STOPPED, "asked"])
    if open_.exists():
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


def _queue_mail(exchange: Exchange, kind: MailKind) -> None:
    """Queue a mail about the exchange, once for its kind."""
    returned = exchange.returned
    key = f"{returned.pk}-{exchange.turn}"
    outbox.queue(returned.order, kind, key, returned=returned.pk)
