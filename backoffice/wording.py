"""Texts about sagas for staff: steps, inputs, failures, causes, what happens next."""

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
from saga.definition import all_definitions
from saga.models import Saga, State
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
