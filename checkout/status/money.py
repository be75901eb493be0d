"""Whether an order was charged; unknown unless the provider has confirmed it."""

from collections import Counter
from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.status.sagas import saga_of
from orders.models import Order, Payment
from orders.numbers import order_of
from saga.models import Saga
from shop.formatting import Wording, price
from shop.money import Money


class ChargeState(models.TextChoices):
    """Whether the customer was charged. Labels are shown beside the amount.

    The values are the names of the styles of badges.
    """

    CHARGED = "taken", _("Charged")
    UNKNOWN = "unknown", _("Charge unconfirmed")
    NOT_CHARGED = "none", _("Not charged")


_SENTENCES: dict[ChargeState, Wording] = {
    ChargeState.CHARGED: _("Charged: %(amount)s."),
    ChargeState.UNKNOWN: _(
        "Charge unconfirmed: %(amount)s. The charge was sent; its result is unknown."
    ),
    ChargeState.NOT_CHARGED: _("Not charged."),
}
_BADGES: dict[ChargeState, Wording] = {
    ChargeState.CHARGED: _("Charged %(amount)s"),
    ChargeState.UNKNOWN: _("Charge unconfirmed: %(amount)s"),
    ChargeState.NOT_CHARGED: _("Not charged"),
}


# Refunds first, then disputes.
_LOST_SENTENCES: tuple[Wording, Wording] = (
    _("Refunded: %(amount)s."),
    _("Taken back by the bank: %(amount)s."),
)
_LOST_BADGES: tuple[Wording, Wording] = (
    _("refunded %(amount)s"),
    _("disputed %(amount)s"),
)


def charge_state(payment_status: str, saga: Saga) -> ChargeState:
    """Decide by the payment's status and the order's main path."""
    if payment_status == Payment.Status.CAPTURED:
        return ChargeState.CHARGED
    if payment_status == Payment.Status.CANCELLED:
        return ChargeState.NOT_CHARGED
    return ChargeState.UNKNOWN if saga.pivot_at else ChargeState.NOT_CHARGED


def count_charge_states(sagas: Collection[Saga]) -> Counter[ChargeState]:
    """Count in which state the money of these sagas' orders is: one query."""
    numbers = [order_of(saga.reference) for saga in sagas]
    rows = Payment.objects.filter(order__number__in=numbers)
    status = dict(rows.values_list("order__number", "status"))
    return Counter(
        charge_state(status.get(number, ""), saga)
        for number, saga in zip(numbers, sagas, strict=True)
    )


def money_taken(order: Order) -> str:
    """Return a sentence for staff on whether money was taken, in their language."""
    payment = order.payment
    state = charge_state(payment.status, saga_of(order))
    sentences = [
        str(_SENTENCES[state]) % {"amount": amount(payment, state).format()},
        *(
            str(text) % {"amount": lost.format()}
            for text, lost in _losses(payment, _LOST_SENTENCES)
        ),
    ]
    return " ".join(sentences)


def money(payment: Payment, saga: Saga) -> tuple[ChargeState, str]:
    """Return the state and the text of its badge, with the amounts."""
    state = charge_state(payment.status, saga)
    shown = {"amount": price(amount(payment, state))}
    is_approved = payment.status == Payment.Status.AUTHORIZED
    if state is ChargeState.NOT_CHARGED and is_approved:
        return state, gettext("Not charged (%(amount)s approved)") % shown
    parts = [
        str(_BADGES[state]) % shown,
        *(
            str(text) % {"amount": price(lost)}
            for text, lost in _losses(payment, _LOST_BADGES)
        ),
    ]
    return state, ", ".join(parts)


def amount(payment: Payment, state: ChargeState) -> Money:
    """Return what was charged, which may be less than the order costs."""
    return payment.captured if state is ChargeState.CHARGED else payment.amount


def _losses(
    payment: Payment, texts: tuple[Wording, Wording]
) -> list[tuple[Wording, Money]]:
    """Return what went back of the charge, each with its text."""
    pairs = zip(texts, (payment.refunded, payment.disputed), strict=True)
    return [(text, amount) for text, amount in pairs if amount]
