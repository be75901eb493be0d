"""Texts about sagas for staff: steps, inputs, failures, causes, what happens next."""

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.flow.errors import OtherAmount
from checkout.status.money import ChargeState, charge_state
from checkout.status.names import (
    ANNOUNCE_SHIPMENT,
    AUTHORIZE,
    AWAIT_ACCEPTANCE,
    AWAIT_DELIVERY,
    AWAIT_SHIPMENT,
    CAPTURE,
    CLOSE_CANCELLATION,
    FULFIL,
    REFUND_CHARGE,
    REQUEST_FULFILMENT,
    RESERVE,
    RETURN_GOODS,
    SEND_CONFIRMATION,
    STOP_SHIPMENT,
    WAIT_FOR_ACCEPTANCE,
    WAIT_FOR_CALL_OFF,
    WAIT_FOR_DELIVERY,
    WAIT_FOR_GOODS,
    WAIT_FOR_PARCELS,
    WAIT_FOR_SHIPMENT,
    WAIT_FOR_VOUCHER,
    WAIT_FOR_WAREHOUSE,
)
from orders.models import Payment
from saga.definition import all_definitions
from saga.models import Direction, Saga, State
from shop import database_clock
from shop.formatting import Wording, moment

_TITLES: dict[str, Wording] = {
    RESERVE: _("Reserve stock"),
    AUTHORIZE: _("Authorise card"),
    CAPTURE: _("Capture payment"),
    FULFIL: _("Deduct stock and confirm"),
    SEND_CONFIRMATION: _("Send the confirmation mail"),
    STOP_SHIPMENT: _("Stop the shipment"),
    RETURN_GOODS: _("Put the items back into stock"),
    REFUND_CHARGE: _("Refund the charge"),
    CLOSE_CANCELLATION: _("Tell the customer"),
    REQUEST_FULFILMENT: _("Send the order to the warehouse"),
    AWAIT_ACCEPTANCE: _("Accepted by the warehouse"),
    AWAIT_SHIPMENT: _("Shipped by the warehouse"),
    ANNOUNCE_SHIPMENT: _("Record the parcels and send the mail"),
    AWAIT_DELIVERY: _("Delivered"),
}
_INPUTS: dict[str, Wording] = {"email": _("mail address")}
_FAILURES: dict[str, Wording] = {
    RESERVE: _("stock could not be reserved"),
    AUTHORIZE: _("the card could not be approved"),
    CAPTURE: _("the card could not be charged"),
    FULFIL: _("the order was not prepared: no goods were taken from stock"),
    SEND_CONFIRMATION: _("the confirmation mail was not sent"),
    STOP_SHIPMENT: _("the shipment was not stopped"),
    RETURN_GOODS: _("the items were not put back into stock"),
    REFUND_CHARGE: _("the order is cancelled, but its money was not given back"),
    CLOSE_CANCELLATION: _("the customer was not told of the cancellation"),
    REQUEST_FULFILMENT: _("the order was not sent to the warehouse"),
    AWAIT_ACCEPTANCE: _("the warehouse has not accepted the order"),
    AWAIT_SHIPMENT: _("the warehouse has not shipped the order as requested"),
    ANNOUNCE_SHIPMENT: _("the parcels that left could not be recorded"),
    AWAIT_DELIVERY: _("the parcel was not delivered"),
}
# Of a step that moves money: what the books know of it by now.
_MONEY_FAILURES: dict[ChargeState, Wording] = {
    ChargeState.CHARGED: _("the order stopped right after the charge"),
    ChargeState.UNKNOWN: _("there is no clear answer about the charge"),
}
_APPROVED = _("the order stopped after the bank had approved the card")
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
    "InterfaceError": _("The connection to the database was lost."),
    "IntegrityError": _("The database refused the change: it would break a rule."),
    "DataError": _("The database refused a text or a number that does not fit."),
    "ProgrammingError": _("The database does not have what this program needs."),
    "InternalError": _("The database has a fault of its own."),
    "OutOfStock": _("There is not enough stock."),
    "HoldLost": _("The goods were no longer set aside for this order."),
    "IllegalMove": _("The order or its payment is in a state that forbids this step."),
    "OtherAmount": _(
        "Somebody charged another amount at Stripe. Decide whether it is sent."
    ),
    "WarehouseSilent": _("The warehouse gives no clear answer."),
    "WarehouseMisconfigured": _("The warehouse does not accept our address or secret."),
    "WarehouseRefused": _("The warehouse refuses the request."),
    "FulfilmentRejected": _("The warehouse rejects the order."),
    "CancelledThere": _("The warehouse has cancelled the shipment."),
    "ReturnedToSender": _("The parcel came back to the warehouse."),
    "SentWrongly": _("The warehouse sent something that must not be sent."),
    "DoesNotExist": _("Something that this step needs is missing in the database."),
}
_ERROR_KINDS: dict[str, Wording] = {
    "retry": _("It was tried several times, without success."),
    "unknown": _("The payment provider gave no clear answer."),
    "person": _("Automatic retries have stopped; review needed."),
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
    WAIT_FOR_WAREHOUSE: _(
        "Waits for the warehouse's decision. It asks again at %(time)s."
    ),
    WAIT_FOR_ACCEPTANCE: _(
        "Waits until the warehouse accepts the order. It asks again at %(time)s."
    ),
    WAIT_FOR_PARCELS: _(
        "Waits until the warehouse ships the order. It asks again at %(time)s."
    ),
    WAIT_FOR_GOODS: _("Waits for the decision about missing items."),
    WAIT_FOR_CALL_OFF: _("Waits for the cancellation of the order until %(time)s."),
    WAIT_FOR_DELIVERY: _(
        "Waits for the delivery. Without a report it is closed at %(time)s."
    ),
}


# What happens next to a saga that rests.
_RESTING: dict[str, Wording] = {
    State.FAILED: _("Waiting for you. Nothing happens automatically."),
    State.JOINING: _("Waiting for a parallel step."),
    State.DONE: _("Nothing: it has ended."),
    State.COMPENSATED: _("Nothing: it has ended."),
}


def write_goods(units: Iterable[tuple[str, int]]) -> str:
    """Write SKUs with their quantities as 2 x MUG-01, 1 x CAP-BL."""
    return ", ".join(f"{quantity} x {sku}" for sku, quantity in units)


def step_title(name: str, definition: str = "") -> str:
    """Return the title of a step, or its name if this code does not know it.

    ``definition`` names that of a flow, whose steps have their titles with them.
    """
    for flow in all_definitions() if definition else []:
        for step in flow.steps if flow.name == definition else ():
            if step.title and step.name == name:
                return str(step.title)
    return str(_TITLES.get(name, name))


def input_title(name: str) -> str:
    """Return the title of an input that staff may replace."""
    return str(_INPUTS.get(name, name))


def failure(saga: Saga, payment_status: str) -> str:
    """Return what did not happen, as half a sentence.

    What the books know of the money by now counts more than what the step knew.
    """
    if saga.error_class == OtherAmount.__name__:
        return gettext("another amount was charged than the order costs")
    is_undo = saga.direction == Direction.UNDO
    text = _UNDO_FAILURES if is_undo else _FAILURES
    known = _by_money(saga, payment_status) or text.get(saga.step)
    if known is not None:
        return str(known)
    return gettext("the step “%(step)s” did not succeed") % {"step": saga.step}


def _by_money(saga: Saga, payment_status: str) -> Wording | None:
    """Return the failure of a step that moves money, if the books know better."""
    if saga.step not in (AUTHORIZE, CAPTURE):
        return None
    if payment_status == Payment.Status.CANCELLED:
        return _("the order stopped after its payment was cancelled")
    if saga.direction == Direction.UNDO:
        return None
    state = charge_state(payment_status, saga)
    if state is ChargeState.NOT_CHARGED and saga.step == AUTHORIZE:
        return _APPROVED if payment_status == Payment.Status.AUTHORIZED else None
    return _MONEY_FAILURES.get(state)


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
    if saga.due_at <= database_clock.read():
        return gettext("Goes on within seconds.")
    return gettext("Retries automatically at %(time)s.") % {"time": due}


def dispute_reason(reason: str) -> str:
    """Return why the bank disputes a charge, or its code if that is unknown."""
    return str(_DISPUTE_REASONS.get(reason, reason or "-"))
