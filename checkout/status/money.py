"""Whether an order's money was taken, never more surely than it is known."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.status.sagas import saga_of
from orders.models import Order, Payment
from saga.models import Saga
from shop.formatting import Wording, price


def money_taken(order: Order) -> str:
    """Say for staff whether money was taken, never more surely than it is known."""
    payment = order.payment
    saga = saga_of(order)
    if payment.status == Payment.Status.CAPTURED:
        return gettext("Charged: %(amount)s.") % {"amount": payment.amount.format()}
    if saga.pivot_at:
        return gettext(
            "Perhaps charged: %(amount)s. The charge was sent, its answer is unknown."
        ) % {"amount": payment.amount.format()}
    return gettext("Not charged.")


# Where the amount stands beside it already.
MONEY_IN_SHORT: dict[str, Wording] = {
    "taken": _("Charged"),
    "unknown": _("Perhaps charged"),
    "none": _("Not charged"),
}


def money_key(status: str, saga: Saga) -> str:
    """Return taken, unknown or none, never surer than it is known."""
    if status == Payment.Status.CAPTURED:
        return "taken"
    return "unknown" if saga.pivot_at else "none"


def money(payment: Payment, saga: Saga) -> tuple[str, str]:
    """Return ``(key, words)`` on whether money was taken, never surer than known."""
    key, amount = money_key(payment.status, saga), {"amount": price(payment.amount)}
    if key == "taken":
        return key, gettext("Charged %(amount)s") % amount
    if key == "unknown":
        return key, gettext("Perhaps charged %(amount)s") % amount
    if payment.status == Payment.Status.AUTHORIZED:
        return key, gettext("Not charged (%(amount)s approved)") % amount
    return key, gettext("Not charged")
