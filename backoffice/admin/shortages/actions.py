"""Actions on a shortage: which are open, their titles, permissions and previews."""

from django.http import Http404
from django.utils.text import capfirst
from django.utils.translation import gettext

from backoffice.admin.refunds import views
from backoffice.previews.preview import Preview
from backoffice.previews.shortage import (
    preview_arrival,
    preview_choice,
    preview_drop,
    preview_question,
)
from checkout.aftersales.shortages import services as shortages
from orders.models import Order, Payment, Shipment, Shortage

Choice = Shortage.Choice


PERMISSION = "orders.settle_shortage"


ARRIVED, ASK, DROP = "arrived", "ask", "drop"


def why_nothing_is_missing(order: Order, payment: Payment) -> str:
    """Return why no shortage can be reported now; empty if one can."""
    waits = Shipment.objects.filter(order=order, status=Shipment.Status.REQUESTED)
    if payment.status == Payment.Status.CAPTURED and waits.exists():
        return ""
    return gettext("It is not paid and waiting for its parcel.")


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
    return views.PERMISSION if name == DROP else PERMISSION


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


def why_not(shortage: Shortage, name: str) -> str:
    """Return why the action is not possible now; empty if it is."""
    if name in list_actions(shortage):
        return ""
    return gettext("It is settled, or this cannot be done with it.")
