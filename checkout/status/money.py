"""Whether an order was charged; unknown unless the provider has confirmed it."""

from collections import Counter
from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.status.sagas import saga_of
from orders.models import Order, Payment
from saga.models import Saga
from shop.formatting import Wording, price


class ChargeState(models.TextChoices):
    """Whether the customer was charged. Labels are shown beside the amount.

    The values are the names of the styles of badges.
    """

    CHARGED = "taken", _("Charged")
    UNKNOWN = "unknown", _("Perhaps charged")
    NOT_CHARGED = "none", _("Not charged")


_SENTENCES: dict[ChargeState, Wording] = {
    ChargeState.CHARGED: _("Charged: %(amount)s."),
    ChargeState.UNKNOWN: _(
        "Perhaps charged: %(amount)s. The charge was sent, its answer is unknown."
    ),
    ChargeState.NOT_CHARGED: _("Not charged."),
}
_BADGES: dict[ChargeState, Wording] = {
    ChargeState.CHARGED: _("Charged %(amount)s"),
    ChargeState.UNKNOWN: _("Perhaps charged %(amount)s"),
    ChargeState.NOT_CHARGED: _("Not charged"),
}


def charge_state(payment_status: str, saga: Saga) -> ChargeState:
    """Decide by the payment's status and the order's main path."""
    if payment_status == Payment.Status.CAPTURED:
        return ChargeState.CHARGED
    return ChargeState.UNKNOWN if saga.pivot_at else ChargeState.NOT_CHARGED


def count_charge_states(sagas: Collection[Saga]) -> Counter[ChargeState]:
    """Count in which state the money of these sagas' orders is: one query."""
    rows = Payment.objects.filter(order__number__in=[saga.reference for saga in sagas])
    status = dict(rows.values_list("order__number", "status"))
    return Counter(charge_state(status.get(saga.reference, ""), saga) for saga in sagas)


def money_taken(order: Order) -> str:
    """Return a sentence for staff on whether money was taken, in their language."""
    state = charge_state(order.payment.status, saga_of(order))
    return str(_SENTENCES[state]) % {"amount": order.payment.amount.format()}


def money(payment: Payment, saga: Saga) -> tuple[ChargeState, str]:
    """Return the state and the text of its badge, with the amount."""
    state, amount = (
        charge_state(payment.status, saga),
        {"amount": price(payment.amount)},
    )
    is_approved = payment.status == Payment.Status.AUTHORIZED
    if state is ChargeState.NOT_CHARGED and is_approved:
        return state, gettext("Not charged (%(amount)s approved)") % amount
    return state, str(_BADGES[state]) % amount
