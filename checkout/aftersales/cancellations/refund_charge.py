"""Step 3, external: give back what was charged, as its person decided.

The refund names the person who decided to cancel, and is at most what that person was
shown. Its row is stored with the claim, before anything is sent; it is the only one of
this cancellation. If it fails, a person must look: none is made in its place.
"""

from typing import Any

from checkout.aftersales.cancellations.claimed_cancellation import cancellation_of
from checkout.aftersales.polling import first_poll_at
from checkout.aftersales.refunds.services import request_refund, settle
from checkout.flow.policies import LEASE, RETRY
from checkout.status.names import REFUND_CHARGE, STRIPE
from orders.models import Cancellation, Payment, Refund
from orders.transitions.cancellations import link_refund
from orders.transitions.polling import plan_poll
from orders.transitions.refunds import Item, RefundRequest
from saga.errors import ManualIntervention, Retry
from saga.step import Context, Kind, Step

LINK = "checkout.refund_charge"


def prepare(context: Context) -> None:
    """Store the refund with the claim, unless there is one or nothing is left."""
    cancellation = cancellation_of(context)
    refund = cancellation.refund
    if refund is None:
        refund = _request(cancellation)
        if refund is not None:
            link_refund(cancellation, refund)
    elif refund.status == Refund.Status.REQUESTED:
        # It may have been sent before: now it is looked up first.
        plan_poll(refund, first_poll_at())


def _request(cancellation: Cancellation) -> Refund | None:
    order = cancellation.order
    payment = Payment.objects.select_for_update().get(order=order)
    amount = min(cancellation.refund_minor, payment.refundable.minor)
    if not amount:
        return None
    wanted = RefundRequest(
        uid=cancellation.uid,
        amount_minor=amount,
        seen_minor=payment.refunded_minor,
        # The goods are back already.
        items=[
            Item(line, line.quantity - line.refunded)
            for line in order.lines.all()
            if line.quantity > line.refunded
        ],
        actor=cancellation.decided_by,
        reason=cancellation.note or cancellation.reason or "order cancelled",
    )
    order.payment = payment
    return request_refund(order, wanted, enqueue=False)


def send(context: Context) -> None:
    """Have the refund made, or read what became of it. Safe to repeat."""
    refund = _refund_of(context)
    if refund is not None:
        settle(refund.pk)


def record(context: Context, _nothing: object) -> dict[str, Any]:
    """Go on once the provider has the refund.

    Raises Retry without an answer, and ManualIntervention if it failed and the money
    was not given back in another way.
    """
    refund = _refund_of(context)
    if refund is None:
        return {"amount": 0}
    if refund.status == Refund.Status.REQUESTED:
        message = f"no answer about the refund yet: {refund.error or 'none'}"
        raise Retry(message)
    if refund.status == Refund.Status.FAILED and refund.payment.refundable:
        message = (
            f"the refund failed: {refund.failure}; refund the order on its page, "
            "then resume"
        )
        raise ManualIntervention(message)
    return {"refund": refund.pk, "amount": refund.amount_minor}


def _refund_of(context: Context) -> Refund | None:
    rows = Refund.objects.filter(cancellation=cancellation_of(context))
    return rows.select_related("payment").first()


STEP = Step(
    REFUND_CHARGE,
    link=LINK,
    kind=Kind.EXTERNAL,
    dependency=STRIPE,
    prepare=prepare,
    do=send,
    record=record,
    retry=RETRY,
    lease=LEASE,
)
