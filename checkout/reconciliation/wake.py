"""The one remedy that is safe to have done by a machine: asking Stripe again."""

from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.refunds import services as refunds
from checkout.flow.definition import CHECKOUT
from checkout.reconciliation.kinds import OF_DISPUTES, Kind
from checkout.reconciliation.models import Mismatch
from orders.models import Payment, Refund
from saga import operations


def wake_behind() -> list[str]:
    """Have everything looked at again that went unnoticed; return what that is.

    Orders, refunds and disputes read what Stripe says and act on it as ever. Nothing
    is charged or refunded that was not on its way. Twice is once.
    """
    rows = Mismatch.objects.open().order_by("pk")
    return [row.subject for row in rows.iterator() if _wake(row)]


def _wake(row: Mismatch) -> bool:
    if row.kind == Kind.SAGA_BEHIND:
        return operations.wake(CHECKOUT, row.order_number)
    if row.kind == Kind.REFUND_STATE_DIFFERS:
        # One that failed here stays so; its money is refunded again as another one.
        known: bool = row.facts["here_state"] != Refund.Status.FAILED
        if known:
            payment = Payment.objects.get(order__number=row.order_number)
            refunds.poll_again(payment)
        return known
    if row.kind in OF_DISPUTES:
        disputes.report(row.subject)
        return True
    return False
