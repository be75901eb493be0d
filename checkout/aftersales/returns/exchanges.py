"""Exchanges: what came back is sent again, at no charge.

The goods leave the stock when it is decided, as those of an order do when it is
confirmed, so that nobody else can buy them.
"""

from collections.abc import Mapping

from django.db import transaction

from checkout.aftersales.returns.services import queue_mail
from checkout.mail.models import MailKind
from inventory import services as inventory
from orders.models import Return
from orders.parcels import Units, by_sku
from orders.transitions import exchanges


@transaction.atomic
def begin(returned: Return, actor: str) -> bool:
    """Take the goods from stock, and mail that they are sent again. False if before.

    Raises ReturnMoved, NothingToExchange, or OutOfStock if they are not free, and then
    changes nothing.
    """
    if not exchanges.begin(returned, actor):
        return False
    reference = reference_of(returned)
    inventory.reserve(reference, units_to_send(returned), expires_at=None)
    inventory.ship_out(reference)
    queue_mail(returned, MailKind.RETURN_EXCHANGED, str(returned.exchanges))
    return True


@transaction.atomic
def drop(returned: Return, actor: str) -> bool:
    """Put the goods back into stock: nothing is sent after all. False if before.

    Raises ReturnMoved, and then changes nothing.
    """
    if not exchanges.drop(returned, actor):
        return False
    reference = reference_of(returned)
    units = units_to_send(returned)
    inventory.take_back(reference, units, f"{reference} dropped", actor)
    return True


@transaction.atomic
def send(returned: Return, *, carrier: str, tracking_number: str, actor: str) -> bool:
    """Record that the parcel left, and mail its number. Return False if it was before.

    Raises ReturnMoved, and then changes nothing.
    """
    label = {"carrier": carrier, "tracking_number": tracking_number}
    moved = exchanges.send(returned, actor=actor, **label)
    if moved:
        queue_mail(returned, MailKind.RETURN_SENT)
    return moved


def units_to_send(returned: Return) -> Mapping[str, int]:
    """Return SKU -> units: all that the shop kept of the return."""
    rows = returned.lines.select_related("line", "substitute")
    return by_sku(Units(row.line, row.kept, row.substitute) for row in rows if row.kept)


def reference_of(returned: Return) -> str:
    """Return the name of the exchange in the stock's ledger; each one has its own."""
    return f"{returned.order.number} exchange {returned.pk}-{returned.exchanges}"
