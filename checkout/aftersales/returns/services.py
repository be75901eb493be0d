"""Returns of staff: allow one, book what arrives, and settle it.

Only a person refunds: what arrived is offered on the page of refunds, and the return is
closed by the refund that this person makes (``returns.refunds``).
"""

from collections.abc import Iterable, Sequence

from django.db import transaction

from checkout.aftersales.shortages.services import by_origin, left_as, named
from inventory import losses
from orders.models import Order, Return, ReturnLine
from orders.parcels import Units, returnable
from orders.transitions import returns
from orders.transitions.returns import Decision, Outcome, Wish


@transaction.atomic
def register(order: Order, wish: Wish, decision: Decision) -> Return:
    """Record a return that staff allow. Twice is once, by the wish's ``uid``.

    Raises NotReturnable or TooManyReturned, and then changes nothing.
    """
    returned, _is_new = returns.register(order, wish, decision)
    return returned


@transaction.atomic
def approve(returned: Return, decision: Decision) -> bool:
    """Allow what the customer asked for. Return False if it was allowed before.

    Raises ReturnMoved, and then changes nothing.
    """
    return returns.approve(returned, decision)


@transaction.atomic
def refuse(returned: Return, decision: Decision) -> bool:
    """Refuse it, with words for the customer. Return False if it was before.

    Raises ReturnMoved, and then changes nothing.
    """
    return returns.refuse(returned, decision)


@transaction.atomic
def withdraw(returned: Return, actor: str) -> bool:
    """End a return whose parcel does not come. Return False if it was before.

    Raises ReturnMoved, and then changes nothing.
    """
    return returns.withdraw(returned, actor)


@transaction.atomic
def receive(returned: Return, outcomes: Sequence[Outcome], actor: str) -> bool:
    """Record the parcel, and book what became of its units. False if it was before.

    Raises ReturnMoved, or NotShipped if the ledger knows nothing of the units, and then
    changes nothing.
    """
    if not returns.receive(returned, outcomes, actor):
        return False
    order = returned.order
    scrapped = by_origin(_units((each.row, each.scrapped) for each in outcomes))
    kept = by_origin(
        _units((each.row, each.restocked + each.scrapped) for each in outcomes)
    )
    for origin, units in kept.items():
        losses.take_back_and_scrap(
            left_as(order, origin),
            units,
            scrapped.get(origin, {}),
            named(reference_of(returned), origin),
            actor,
        )
    return True


@transaction.atomic
def close(returned: Return, actor: str, answer: str) -> bool:
    """Settle a return without a refund, with words for the customer.

    Return False if it was before. Raises ReturnMoved, and then changes nothing.
    """
    return returns.close(returned, actor, answer=answer)


def is_returnable(order: Order) -> bool:
    """Return whether the order was sent, and something of it can still come back."""
    return order.status == Order.Status.SHIPPED and bool(returnable(order))


def reference_of(returned: Return) -> str:
    """Return the name of a return in the stock's ledger."""
    return f"{returned.order.number} return {returned.pk}"


def _units(parts: Iterable[tuple[ReturnLine, int]]) -> list[Units]:
    return [
        Units(row.line, quantity, row.substitute) for row, quantity in parts if quantity
    ]
