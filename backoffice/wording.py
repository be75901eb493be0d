"""Texts about sagas for staff: steps, inputs, failures, causes, what happens next."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.status.names import (
    AUTHORIZE,
    CAPTURE,
    FULFIL,
    RESERVE,
    SEND_CONFIRMATION,
    WAIT_FOR_SHIPMENT,
    WAIT_FOR_VOUCHER,
)
from saga.models import Direction, Saga, State
from shop.formatting import Wording, moment

_TITLES: dict[str, Wording] = {
    RESERVE: _("Set the goods aside"),
    AUTHORIZE: _("Have the bank approve the card"),
    CAPTURE: _("Charge the card"),
    FULFIL: _("Take the goods from stock and confirm"),
    SEND_CONFIRMATION: _("Send the confirmation mail"),
}
_INPUTS: dict[str, Wording] = {"email": _("mail address")}
_FAILURES: dict[str, Wording] = {
    RESERVE: _("the goods could not be set aside"),
    AUTHORIZE: _("the card could not be approved"),
    CAPTURE: _("it is not certain that the card was charged"),
    FULFIL: _("the order was not prepared: no goods were taken from stock"),
    SEND_CONFIRMATION: _("the confirmation mail was not sent"),
}
_UNDO_FAILURES: dict[str, Wording] = {
    RESERVE: _("the goods could not be put back"),
    AUTHORIZE: _("the payment could not be cancelled"),
}
# What an error's class or kind means, without terms of the program.
_ERROR_CLASSES: dict[str, Wording] = {
    "TimeoutError": _("A worker began this step and never came back."),
    "Wait": _("It waits for staff, and not for long any more."),
    "OperationalError": _(
        "The database did not do it: busy, out of reach, or changed."
    ),
    "IntegrityError": _("The database refused the change: it would break a rule."),
    "OutOfStock": _("There are not enough goods in stock."),
    "HoldLost": _("The goods were no longer set aside for this order."),
    "IllegalMove": _("The order or its payment is in a state that forbids this step."),
    "DoesNotExist": _("Something that this step needs is missing in the database."),
}
_ERROR_KINDS: dict[str, Wording] = {
    "retry": _("It was tried several times, without success."),
    "unknown": _("The payment provider gave no clear answer."),
    "person": _("No further try can help until staff have looked at it."),
    "refused": _("It was refused, and cannot be undone after the charge."),
    "unexpected": _("A fault in the program or the machine."),
}

# https://docs.stripe.com/disputes/categories
_DISPUTE_REASONS: dict[str, Wording] = {
    "bank_cannot_process": _("the bank cannot process it"),
    "credit_not_processed": _("a refund was promised and did not come"),
    "customer_initiated": _("the cardholder asked for it"),
    "debit_not_authorized": _("not authorised"),
    "duplicate": _("charged twice"),
    "fraudulent": _("the cardholder did not buy this"),
    "general": _("other reasons"),
    "incorrect_account_details": _("wrong account"),
    "insufficient_funds": _("not enough money in the account"),
    "product_not_received": _("the goods did not arrive"),
    "product_unacceptable": _("the goods are faulty or not as described"),
    "subscription_canceled": _("cancelled before"),
    "unrecognized": _("the cardholder does not recognise the charge"),
}


# What a waiting saga waits for, if not for the customer at the screen.
_WAITS: dict[str, Wording] = {
    WAIT_FOR_VOUCHER: _(
        "Waits for the customer to pay at a convenience store. It checks with "
        "Stripe again at %(time)s."
    ),
    WAIT_FOR_SHIPMENT: _(
        "Waits until staff release it for shipping. It checks again at %(time)s."
    ),
}


# What happens next to a saga that rests.
_RESTING: dict[str, Wording] = {
    State.FAILED: _("Nothing happens by itself. It waits for you."),
    State.JOINING: _("Waits for what runs beside it."),
    State.DONE: _("Nothing: it has ended."),
    State.COMPENSATED: _("Nothing: it has ended."),
}


def write_goods(units: Iterable[tuple[str, int]]) -> str:
    """Write SKUs with their quantities as 2 x MUG-01, 1 x CAP-BL."""
    return ", ".join(f"{quantity} x {sku}" for sku, quantity in units)


def step_title(name: str) -> str:
    """Return the title of a step, or its name if this code does not know it."""
    return str(_TITLES.get(name, name))


def input_title(name: str) -> str:
    """Return the title of an input that staff may replace."""
    return str(_INPUTS.get(name, name))


def failure(saga: Saga) -> str:
    """Return what did not happen, as half a sentence."""
    text = _UNDO_FAILURES if saga.direction == Direction.UNDO else _FAILURES
    known = text.get(saga.step)
    if known is not None:
        return str(known)
    return gettext("the step “%(step)s” did not succeed") % {"step": saga.step}


def cause(saga: Saga) -> str:
    """Return the cause as a sentence, as far as the error's class or kind tells."""
    known = _ERROR_CLASSES.get(saga.error_class) or _ERROR_KINDS.get(saga.error_kind)
    return str(known or _("The cause is not known."))


def next_action(saga: Saga) -> str:
    """Return what happens next without staff."""
    due = moment(saga.due_at)
    if saga.state in _RESTING:
        return str(_RESTING[saga.state])
    if saga.state == State.WAITING:
        text = _WAITS.get(saga.waiting_for, _("Waits for the customer until %(time)s."))
        return str(text) % {"time": due}
    if saga.claimed_by:
        return gettext("A worker is at it right now.")
    if saga.due_at <= timezone.now():
        return gettext("Goes on within seconds.")
    return gettext("Tries again by itself at %(time)s.") % {"time": due}


def dispute_reason(reason: str) -> str:
    """Return why the bank disputes a charge, or its code if that is unknown."""
    return str(_DISPUTE_REASONS.get(reason, reason or "-"))
