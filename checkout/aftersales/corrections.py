"""Late edits by staff: the recipient until hand-over, tracking numbers always.

The warehouse is asked before anything is written here. Nothing is charged or refunded.
"""

from dataclasses import fields

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.aftersales.warehouse.port import (
    Answer,
    NotFound,
    Recipient,
    Refused,
    WarehouseError,
    get_warehouse,
)
from checkout.mail import outbox
from checkout.mail.models import MailKind
from orders import transitions
from orders.errors import CorrectionRefused, TooLateToCorrect
from orders.models import Exchange, Order, OrderChange, Parcel, Shipment
from orders.transitions.corrections import Correction, is_correctable

# What the warehouse knows of the recipient, and how the parcel is delivered.
_TOLD = (*(field.name for field in fields(Recipient)), "delivery")


class WarehouseKeeps(CorrectionRefused):
    """The warehouse refused the new recipient, or has not decided, or is silent."""

    def __init__(self, number: str, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(f"{number}: {sentence}")


def check_correctable(order: Order) -> None:
    """Raise TooLateToCorrect if nothing is left to be handed over."""
    if not is_correctable(order):
        raise TooLateToCorrect(order)


def correct_recipient(order: Order, correction: Correction) -> bool:
    """Change the recipient, at the warehouse first. Return False if it was before.

    Must not be called in a transaction. Raises CorrectionRefused: nothing was changed
    here, and at the warehouse only if a parcel left or a colleague was faster just
    then, or if it took the new recipient for one shipment and refused it for another.
    """
    if OrderChange.objects.filter(uid=correction.uid).exists():
        return False
    check_correctable(order)
    is_theirs = not set(_TOLD).isdisjoint(correction.after)
    numbers = _waiting(order) if is_theirs else []
    unknown = _ask_all(numbers, order, correction)
    is_new = transitions.correct_recipient(order, correction)
    for number in unknown if is_new else []:
        # The shipping order was on its way, with the old recipient.
        _ask(number, order, correction)
    return is_new


def _ask_all(numbers: list[str], order: Order, correction: Correction) -> list[str]:
    """Ask the warehouse about each. Return those that it does not know yet.

    Raises WarehouseKeeps, which also says what it has changed before it refused.
    """
    unknown: list[str] = []
    changed: list[str] = []
    for number in numbers:
        try:
            known = _ask(number, order, correction)
        except WarehouseKeeps as error:
            if not changed:
                raise
            text = gettext(
                "Of %(number)s: %(sentence)s At the warehouse, %(changed)s has the new "
                "recipient already: make the change once more when it agrees, or ask "
                "there."
            ) % {
                "number": number,
                "sentence": error.sentence,
                "changed": ", ".join(changed),
            }
            raise WarehouseKeeps(number, text) from error
        (changed if known else unknown).append(number)
    return unknown


def _waiting(order: Order) -> list[str]:
    """Return by their numbers what a warehouse has still to send: it, and exchanges."""
    if order.is_pickup:
        return []
    over = (Shipment.Status.DISPATCHED, Shipment.Status.CALLED_OFF)
    shipments = Shipment.objects.filter(order=order).exclude(status__in=over)
    own = [order.number] if shipments.exists() else []
    again = Exchange.objects.to_send().filter(returned__order=order).order_by("pk")
    return [*own, *again.values_list("number", flat=True)]


@transaction.atomic
def correct_tracking(
    order: Order, parcel: Parcel, correction: Correction, *, with_mail: bool
) -> bool:
    """Change carrier or number of a parcel; send a mail with it if wanted.

    Return False if it was done before. Raises CorrectedMeanwhile.
    """
    is_new = transitions.correct_tracking(order, parcel, correction)
    if is_new and with_mail:
        key = str(correction.uid)
        outbox.queue(order, MailKind.TRACKING, key, parcel=parcel.pk)
    return is_new


def _ask(number: str, order: Order, correction: Correction) -> bool:
    """Ask the warehouse to send to the new recipient, in the new way.

    Return False if it does not know the shipping order yet. Raises WarehouseKeeps.
    """
    wanted = {name: correction.after.get(name, getattr(order, name)) for name in _TOLD}
    delivery = wanted.pop("delivery")
    try:
        answer = get_warehouse().change_recipient(number, Recipient(**wanted), delivery)
    except NotFound:
        return False
    except Refused as error:
        text = gettext("The warehouse refuses the new recipient: %(error)s")
        raise WarehouseKeeps(number, text % {"error": error}) from error
    except WarehouseError as error:
        text = gettext(
            "The warehouse gave no clear answer: %(error)s. Nothing was changed here. "
            "Try again: it changes the recipient once."
        )
        raise WarehouseKeeps(number, text % {"error": error}) from error
    if answer is not Answer.ACCEPTED:
        raise WarehouseKeeps(number, str(_NOT_NOW[answer]))
    return True


_NOT_NOW = {
    Answer.REFUSED: _(
        "The warehouse refuses the new recipient: the parcel is under way, or as good "
        "as. Nothing was changed here."
    ),
    Answer.PENDING: _(
        "The warehouse has yet to decide about the new recipient. Nothing was changed "
        "here. Try again later."
    ),
}
