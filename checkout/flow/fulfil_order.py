"""Step 4, local: ship the goods out of the stock and confirm the order."""

from checkout.cart import services as carts
from checkout.flow.claimed_order import order_of, units_of
from checkout.flow.policies import LEASE, RETRY
from checkout.status.names import FULFIL
from inventory import services as inventory
from inventory.errors import HoldLost, OutOfStock
from inventory.models import Movement
from orders import transitions
from orders.models import Order
from saga.errors import ManualIntervention, Unproven
from saga.step import Context, Kind, Step


def fulfil(context: Context) -> dict[str, int]:
    """Book the goods out, confirm the order and close its cart."""
    order = order_of(context)
    try:
        moved = inventory.ship_out(order.number)
    except HoldLost:
        moved = _take_again(order)
    return _confirm(order, moved)


def _take_again(order: Order) -> int:
    """Book out a paid order whose hold was removed by hand.

    Raises ManualIntervention when the goods are gone.
    """
    try:
        inventory.reserve(order.number, units_of(order.number), expires_at=None)
    except OutOfStock as error:
        message = f"paid, but the goods are gone: {error}"
        raise ManualIntervention(message) from error
    return inventory.ship_out(order.number)


def _confirm(order: Order, moved: int) -> dict[str, int]:
    transitions.confirm(order)
    carts.close(order.checkout_key)
    return {"moved": moved}


def prove(context: Context) -> int:
    """Find every unit of the order among what left the stock; return how many.

    Raises Unproven.
    """
    order = Order.objects.get(number=context.reference)
    wanted = units_of(order.number)
    left = Movement.objects.filter(
        kind=Movement.Kind.SHIP_OUT, reference=order.number
    ).values_list("item__sku", "quantity")
    gone = {sku: -quantity for sku, quantity in left}
    if gone != wanted:
        message = f"the ledger says that {gone or 'nothing'} left, not {wanted}"
        raise Unproven(message)
    return sum(gone.values())


def record_proof(context: Context, moved: int) -> dict[str, int]:
    """Do the rest of the step once it is proven that the goods have left."""
    return _confirm(Order.objects.get(number=context.reference), moved)


STEP = Step(
    FULFIL,
    link="checkout.fulfil_order",
    kind=Kind.LOCAL,
    do=fulfil,
    prove=prove,
    record=record_proof,
    retry=RETRY,
    lease=LEASE,
)
