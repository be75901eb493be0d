"""Actions on a return: which are open, their titles, forms, previews and services."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.admin.returns.forms import (
    AnswerForm,
    ApproveForm,
    ArrivalForm,
    ExchangeForm,
    HandOverForm,
)
from backoffice.previews import returns as previews
from backoffice.previews.preview import Preview
from checkout.aftersales import exchanges
from checkout.aftersales.call_offs import drop_exchange
from checkout.aftersales.exchanges import exchange_of
from checkout.aftersales.returns import services
from orders.models import Return

_Status = Return.Status


@dataclass(frozen=True)
class Action:
    """What can be done with a return in some of its states.

    ``run`` takes the return, who acts and the valid form.
    """

    title: str | Promise
    done: str | Promise
    states: tuple[str, ...]
    form: Callable[..., forms.Form]
    preview: Callable[[Return], Preview]
    run: Callable[[Return, str, Any], object]
    template: str = "admin/orders/order/confirm.html"
    is_open: Callable[[Return], bool] = lambda _returned: True

    def is_possible(self, returned: Return) -> bool:
        """Return whether it can be done now."""
        return returned.status in self.states and self.is_open(returned)


def _plain(form: type[forms.Form]) -> Callable[..., forms.Form]:
    """Make the form without the return."""
    return lambda _returned, *args: form(*args)


ACTIONS = {
    "approve": Action(
        _("Approve the return"),
        _("The return is approved."),
        (_Status.REQUESTED,),
        _plain(ApproveForm),
        lambda row: previews.preview_approval(row.order),
        lambda row, actor, form: services.approve(row, form.decision(actor)),
    ),
    "refuse": Action(
        _("Refuse the return"),
        _("The return is refused."),
        (_Status.REQUESTED,),
        _plain(AnswerForm),
        previews.preview_refusal,
        lambda row, actor, form: services.refuse(row, form.decision(actor)),
    ),
    "arrived": Action(
        _("The parcel has arrived"),
        _("The parcel is recorded. Now refund what is owed, or close the return."),
        (_Status.APPROVED,),
        ArrivalForm,
        previews.preview_arrival,
        lambda row, actor, form: services.receive(row, form.outcomes(), actor),
        "admin/orders/return/arrived.html",
    ),
    "withdraw": Action(
        pgettext_lazy("return", "End it: nothing comes"),
        _("The return is ended."),
        Return.AWAITED,
        _plain(forms.Form),
        lambda _returned: previews.preview_withdrawal(),
        lambda row, actor, _form: services.withdraw(row, actor),
    ),
    "exchange": Action(
        _("Send the same items again"),
        _("The items are taken from stock. They are at the packing desk."),
        (_Status.RECEIVED,),
        ExchangeForm,
        previews.preview_exchange,
        lambda row, actor, form: exchanges.begin(row, actor, form.units()),
        is_open=lambda row: row.exchange is None,
    ),
    "ready": Action(
        _("Ready for pick-up"),
        _("The exchange lies ready. The customer gets a mail."),
        (_Status.EXCHANGE,),
        _plain(forms.Form),
        previews.preview_readiness,
        lambda row, actor, _form: exchanges.make_ready(exchange_of(row), actor),
        is_open=lambda row: (
            row.order.is_pickup and not exchange_of(row).pickup_ready_at
        ),
    ),
    "sent": Action(
        pgettext_lazy("exchange", "Mark as sent or handed over"),
        _("The exchange is recorded. The customer gets a mail."),
        (_Status.EXCHANGE,),
        HandOverForm,
        previews.preview_sending,
        lambda row, actor, form: exchanges.send(
            exchange_of(row), actor=actor, **form.sent()
        ),
    ),
    "drop": Action(
        _("Drop the exchange"),
        _("The items are back in stock. Refund the return, or close it."),
        (_Status.EXCHANGE,),
        _plain(forms.Form),
        previews.preview_dropping,
        lambda row, actor, _form: drop_exchange(exchange_of(row), actor),
    ),
    "close": Action(
        _("Close without a refund"),
        _("The return is closed."),
        (_Status.RECEIVED,),
        _plain(AnswerForm),
        previews.preview_closing,
        lambda row, actor, form: services.close(row, actor, form.words),
    ),
}


def list_actions(returned: Return) -> list[tuple[str, Action]]:
    """Return name and action of what can be done now."""
    return [
        (name, action)
        for name, action in ACTIONS.items()
        if action.is_possible(returned)
    ]
