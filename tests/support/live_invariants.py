"""The five invariants, seen from three sides: tables, ledger, the provider's list."""

from collections import Counter

from inventory.models import Movement
from orders.models import Order, Refund
from saga.models import Saga
from tests.support import invariants
from tests.support.live import LiveStack
from tests.support.sandbox_control import all_intents
from tests.support.waiting import wait_until


def assert_invariants(stack: LiveStack) -> None:
    """Check I1 to I5 for everything that this shop ever did."""
    try:
        wait_until(lambda: not unfinished(), "I5: an end, or a person", seconds=80)
    except AssertionError:
        # By name, so that the log of the processes can be read for each.
        assert unfinished() == []
        raise
    invariants.assert_invariants(charges_of(stack), ended=True)
    for order in Order.objects.all():
        left = left_the_shelf(order)
        assert left in (Counter(), ordered(order)), f"I3: {order}: {left} left"


def unfinished() -> list[str]:
    """Describe every saga that is under way, or failed without staff being told."""
    rows = [*Saga.objects.live(), *Saga.objects.failed().filter(alerted_at=None)]
    return [f"{saga} is {saga.state} at {saga.step}: {saga.error}" for saga in rows]


def charges_of(stack: LiveStack, newest: int | None = None) -> list[invariants.Charge]:
    """Return order uid and amount of each charge that the provider took and kept.

    ``newest``: look at so many of the latest intents only.
    """
    taken = []
    for intent in all_intents(stack, newest):
        uid = intent["metadata"]["order"]
        wanted = wanted_back(uid)
        assert intent["refunded"] == wanted, f"I2: {wanted} was wanted back: {intent}"
        charges = [charge for charge in intent["charges"] if charge["captured"]]
        taken += [(uid, charge["amount_captured"]) for charge in charges]
    return taken


def wanted_back(uid: str) -> int:
    """Return how much staff gave back of an order: nobody else may."""
    rows = Refund.objects.not_failed().filter(payment__order__uid=uid)
    return sum(refund.amount_minor for refund in rows)


def ordered(order: Order) -> Counter[str]:
    return Counter(dict(order.lines.values_list("sku", "quantity")))


def left_the_shelf(order: Order) -> Counter[str]:
    rows = Movement.objects.filter(
        reference=order.number, kind=Movement.Kind.SHIP_OUT
    ).values_list("item__sku", "quantity")
    return Counter({sku: -quantity for sku, quantity in rows})
