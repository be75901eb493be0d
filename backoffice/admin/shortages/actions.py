"""What staff can do about a shortage now: names, titles, permissions, previews."""

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
    """Say why no goods can be missing now; empty when they can."""
    waits = Shipment.objects.filter(order=order, status=Shipment.Status.REQUESTED)
    if payment.status == Payment.Status.CAPTURED and waits.exists():
        return ""
    return gettext("It is not paid and waiting for its parcel.")


def list_actions(shortage: Shortage) -> list[str]:
    """Return what can be done now, by its name in the address."""
    found = [choice.value for choice in shortages.open_choices(shortage)]
    if shortage.status == Shortage.Status.WAITING:
        return [ARRIVED, *found]
    if found:
        return [ASK, *found]
    return [DROP] if shortage.owed else []


def permission_for(name: str) -> str:
    """Return who may do it: what is promised is dropped by whoever could pay it."""
    return views.PERMISSION if name == DROP else PERMISSION


def title_of(name: str) -> str:
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
    """Say who was faster, and with what."""
    words = gettext(
        "Nothing was changed: %(who)s decided meanwhile. It is now: %(state)s."
    )
    who = gettext("the customer") if shortage.by_customer else shortage.decided_by
    state = shortage.get_choice_display() or shortage.get_status_display()
    return words % {"who": who or "-", "state": state}


def nothing_owed() -> str:
    """Say why a promise could not be dropped."""
    return gettext("Nothing was changed: no refund is promised any more.")


def preview_decision(shortage: Shortage, name: str) -> Preview:
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
    if name in list_actions(shortage):
        return ""
    return gettext("It is settled, or this cannot be done with it.")
