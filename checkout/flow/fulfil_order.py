"""Step 4, local: ship the goods out of the stock and confirm the order.

An order is cancelled instead if nothing of its charge is left: staff refunded it.
"""

from django.conf import settings

from checkout.cart import services as carts
from checkout.flow.claimed_order import order_of, units_of
from checkout.flow.policies import LEASE, RETRY
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.promotions import services as promotions
from checkout.status.names import FULFIL, SHIPPING_NAME
from inventory import services as inventory
from inventory.errors import HoldLost, OutOfStock
from inventory.models import Movement
from orders import transitions
from orders.models import Order
from saga.errors import ManualIntervention, Unproven
from saga.results import SpinOff
from saga.step import Context, Kind, Step


def fulfil(context: Context) -> dict[str, int] | SpinOff:
    """Book the goods out, confirm the order and close its cart.

    If nothing of the charge is left, the goods stay and the order is cancelled. Where
    a warehouse system sends the parcels, a saga of its own follows the shipment; what
    is picked up, the shop's own staff hand over.
    """
    order = order_of(context)
    if order.payment.is_gone:
        return _cancel(order)
    try:
        moved = inventory.ship_out(order.number)
    except HoldLost:
        moved = _take_again(order)
    return _confirm(order, moved)


def _cancel(order: Order) -> dict[str, int]:
    returned = inventory.release(order.number)
    transitions.cancel(order, Order.CancelReason.REFUNDED)
    promotions.give_back(order.number)
    carts.close(order.checkout_key)
    outbox.queue(order, MailKind.CANCELLED)
    return {"returned": returned}


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


def _confirm(order: Order, moved: int) -> dict[str, int] | SpinOff:
    transitions.confirm(order)
    carts.close(order.checkout_key)
    output = {"moved": moved}
    if settings.WAREHOUSE == "manual" or order.is_pickup:
        return output
    return SpinOff(SHIPPING_NAME, order.number, output=output)


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


def record_proof(context: Context, moved: int) -> dict[str, int] | SpinOff:
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
