"""The cancellation of a claimed saga, read once for all steps of one claim."""

from orders.models import Cancellation
from saga.step import Context


def cancellation_of(context: Context) -> Cancellation:
    """Return the cancellation that the saga carries out, with order and payment."""
    rows = Cancellation.objects.select_related("order__payment", "refund")
    decided = rows.exclude(
        status__in=[Cancellation.Status.DECLINED, Cancellation.Status.REQUESTED]
    )
    return context.once(
        "cancellation", lambda: decided.get(order__number=context.reference)
    )
