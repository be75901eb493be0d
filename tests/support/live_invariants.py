"""Check the invariants by three sources: tables, ledger and provider."""

from collections import Counter

from events.models import CapturedRow, Delivery
from inventory.models import Movement
from orders.models import Order, Refund
from saga.models import Saga
from tests.support import invariants
from tests.support.live import LiveStack
from tests.support.sandbox_control import all_intents
from tests.support.waiting import wait_until


def assert_invariants(stack: LiveStack) -> None:
    """Check I1 to I8 for all orders of this shop."""
    try:
        wait_until(
            lambda: not unfinished(),
            "I5: every saga has ended or has an alert",
            seconds=80,
        )
    except AssertionError:
        # Name each, so that its lines can be found in the log.
        assert unfinished() == []
        raise
    invariants.assert_invariants(charges_of(stack), ended=True)
    wait_until(stream_is_quiet, "I8: all events are delivered", seconds=80)
    invariants.assert_every_consumer_heard()
    for order in Order.objects.all():
        left = left_the_shelf(order)
        assert left in (Counter(), ordered(order)), f"I3: {order}: {left} left"


def stream_is_quiet() -> bool:
    """Return whether every row is routed, and no event waits for its delivery."""
    waiting = Delivery.objects.waiting().exists()
    return not waiting and not CapturedRow.objects.exists()


def unfinished() -> list[str]:
    """Return every saga that is running, or failed without an alert, as text."""
    rows = [*Saga.objects.live(), *Saga.objects.failed().filter(alerted_at=None)]
    return [f"{saga} is {saga.state} at {saga.step}: {saga.error}" for saga in rows]


def charges_of(stack: LiveStack, newest: int | None = None) -> list[invariants.Charge]:
    """Return order uid and amount of each captured charge.

    ``newest``: read only this number of the latest intents. Also checks that only
    refunds of staff were made.
    """
    taken = []
    for intent in all_intents(stack, newest):
        uid = intent["metadata"]["order"]
        wanted = wanted_refunds(uid)
        assert intent["refunded"] == wanted, f"I2: {wanted} was wanted back: {intent}"
        charges = [charge for charge in intent["charges"] if charge["captured"]]
        taken += [(uid, charge["amount_captured"]) for charge in charges]
    return taken


def wanted_refunds(uid: str) -> int:
    """Return the minor units that staff refunded of an order."""
    rows = Refund.objects.not_failed().filter(payment__order__uid=uid)
    return sum(refund.amount_minor for refund in rows)


def ordered(order: Order) -> Counter[str]:
    return Counter(dict(order.lines.values_list("sku", "quantity")))


def left_the_shelf(order: Order) -> Counter[str]:
    rows = Movement.objects.filter(
        reference=order.number, kind=Movement.Kind.SHIP_OUT
    ).values_list("item__sku", "quantity")
    return Counter({sku: -quantity for sku, quantity in rows})
