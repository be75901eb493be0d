"""What did not happen and why, in the words of staff: for their pages and alerts."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
)
from orders.models import Payment
from saga.models import Direction, Saga
from shop.formatting import Wording

# The class of the error, by its name: its room is above this one.
_OTHER_AMOUNT = "OtherAmount"
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
    "PageStaysOpen": _(
        "Stripe did not close the payment page: the customer could still pay there."
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


def failure(saga: Saga, payment_status: str) -> str:
    """Return what did not happen, as half a sentence.

    What the books know of the money by now counts more than what the step knew.
    """
    if saga.error_class == _OTHER_AMOUNT:
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
