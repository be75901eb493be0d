"""The refund of goods that came back: offered here, made by a person."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction

from checkout.aftersales.cancellations import full_refunds
from orders.models import Order, Payment, Refund, Return
from orders.transitions import returns
from orders.transitions.refunds import RefundRequest
from shop.money import Money


@dataclass(frozen=True)
class Offer:
    """What may be refunded for a return. ``units``: key of the line -> units."""

    amount: Money
    units: dict[int, int]


def offer(returned: Return) -> Offer:
    """Return what was paid for units that the shop keeps and did not refund yet.

    Units that are sent again are left out. It is never more than what is left of the
    charge.
    """
    payment = Payment.objects.get(order=returned.order_id)
    amount, units = 0, Counter[int]()
    for row in returned.lines.select_related("line", "substitute"):
        line = row.line
        left = line.quantity - line.refunded - units[line.pk]
        count = min(row.to_refund, left)
        amount += (
            row.paid_minor * count
            if row.substitute
            else line.paid_for(count, line.refunded + units[line.pk])
        )
        units[line.pk] += count
    amount = min(amount, payment.refundable.minor)
    return Offer(Money(amount, payment.currency), dict(+units))


@transaction.atomic
def refund(
    order: Order, wanted: RefundRequest, returned: Return | None = None
) -> Refund:
    """Request a refund; of goods that came back, it closes their return.

    The same request twice is one refund. Raises what ``full_refunds.refund`` raises, or
    ReturnMoved, and then changes nothing.
    """
    made = full_refunds.refund(order, wanted)
    if returned is not None:
        returns.close(returned, wanted.actor, refund=made)
    return made
