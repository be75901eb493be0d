"""Actions on a shortage: which are open, their titles, permissions and previews."""

from django.http import Http404
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.previews.preview import Preview
from backoffice.previews.shortage import (
    preview_arrival,
    preview_choice,
    preview_drop,
    preview_question,
)
from checkout.aftersales.shortages import services as shortages
from orders.errors import ShortageRefused
from orders.models import Order, Payment, Shipment, Shortage

Choice = Shortage.Choice


ARRIVED, ASK, DROP = "arrived", "ask", "drop"


class NotReportable(ShortageRefused):
    """No goods of the order can be reported missing now. ``sentence`` is for staff."""

    sentence = _("It is not paid and waiting for its parcel.")

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} is not paid and waiting for its parcel")
        self.number = number


class NotOpen(ShortageRefused):
    """The action is not possible with the shortage now. ``sentence`` is for staff."""

    sentence = _("It is settled, or this cannot be done with it.")

    def __init__(self, shortage: Shortage, name: str) -> None:
        super().__init__(f"shortage {shortage.pk}: {name} is not possible now")
        self.shortage = shortage
        self.name = name


def check_reportable(order: Order, payment: Payment) -> None:
    """Raise NotReportable unless a shortage can be reported now."""
    waits = Shipment.objects.filter(order=order, status=Shipment.Status.REQUESTED)
    if payment.status != Payment.Status.CAPTURED or not waits.exists():
        raise NotReportable(order.number)


def check_open(shortage: Shortage, name: str) -> None:
    """Raise NotOpen unless the action is possible now."""
    if name not in list_actions(shortage):
        raise NotOpen(shortage, name)


def list_actions(shortage: Shortage) -> list[str]:
    """Return the names, as in the address, of what can be done now."""
    found = [choice.value for choice in shortages.open_choices(shortage)]
    if shortage.status == Shortage.Status.WAITING:
        return [ARRIVED, *found]
    if found:
        return [ASK, *found]
    return [DROP] if shortage.owed else []


def permission_for(name: str) -> str:
    """Return the permission that an action needs.

    Dropping a promised refund needs the permission to make it.
    """
    return permissions.REFUND if name == DROP else permissions.SETTLE_SHORTAGE


def title_of(name: str) -> str:
    """Return the title of an action. Raises Http404 for an unknown name."""
    if name == ARRIVED:
        return gettext("The goods have come")
    if name == ASK:
        return gettext("Ask the customer")
    if name == DROP:
        return gettext("Drop the promised refund")
    if name not in Choice.values:
        raise Http404
    return capfirst(str(Choice(name).label))


def describe_conflict(shortage: Shortage) -> str:
    """Say that the shortage was decided meanwhile, by whom and how."""
    text = gettext(
        "Nothing was changed: %(who)s decided meanwhile. It is now: %(state)s."
    )
    who = gettext("the customer") if shortage.by_customer else shortage.decided_by
    state = shortage.get_choice_display() or shortage.get_status_display()
    return text % {"who": who or "-", "state": state}


def nothing_owed() -> str:
    """Say why a promised refund could not be dropped."""
    return gettext("Nothing was changed: no refund is promised any more.")


def preview_decision(shortage: Shortage, name: str) -> Preview:
    """Return the preview of an action by its name."""
    if name == ARRIVED:
        return preview_arrival(shortage)
    if name == DROP:
        return preview_drop(shortage)
    return (
        preview_question(shortage)
        if name == ASK
        else preview_choice(shortage, Choice(name))
    )
