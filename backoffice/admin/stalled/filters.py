"""Filters of the list of stalled orders: state, step and error of their sagas."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice import wording
from backoffice.admin.lists.filters import WorkFilter, select_numbers
from backoffice.models import StalledOrder
from backoffice.order_overview import select_stalled
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.flow.definition import CHECKOUT
from checkout.status.names import CHECKOUT_NAME, SHIPPING_NAME
from saga.models import ENDED, Saga, State

ALL = "all"


# Parameters that filter sagas, not orders.
_OF_SAGAS = ("state", "step", "error")


# There are so many of these that nearly all of the newest orders are among them.
_MOST_ARE = (State.DONE, ALL)


class SagaFilter(admin.SimpleListFilter):
    """Only offers choices: ``choose_orders`` applies all of them together."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset


class StateFilter(SagaFilter, WorkFilter):
    title = _("state")
    parameter_name = "state"
    work = _("needs staff")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*State.choices, (ALL, _("all orders"))]


class StepFilter(SagaFilter):
    title = _("step")
    parameter_name = "step"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        steps = (*CHECKOUT.steps, *SHIPPING.steps, *CANCELLATION.steps)
        return [(step.name, wording.step_title(step.name)) for step in steps]


class ErrorFilter(SagaFilter):
    title = _("error")
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        classes = select_stalled().order_by().values_list("error_class", flat=True)
        return [(name, name) for name in sorted(set(classes.distinct())) if name]


def read_state(request: HttpRequest) -> str:
    """Return the chosen state: empty for what needs staff, or ALL."""
    state = request.GET.get("state", "")
    return state if state in (*State.values, ALL) else ""


def choose_orders(request: HttpRequest) -> QuerySet[StalledOrder]:
    """Return the orders whose sagas match the request."""
    rows, state = StalledOrder.objects.all(), read_state(request)
    step, error = request.GET.get("step"), request.GET.get("error")
    if state == ALL and not (step or error):
        return rows
    of_shipping = step in {each.name for each in SHIPPING.steps}
    name = SHIPPING_NAME if of_shipping else CHECKOUT_NAME
    sagas = Saga.objects.filter(definition=name)
    if not state:
        sagas = select_stalled()
    elif state != ALL:
        sagas = sagas.filter(state=state)
    if step:
        sagas = sagas.filter(step=step)
    elif state in ENDED:
        # A branch may have ended while its order has not.
        sagas = sagas.main_paths()
    if error:
        # The index covers only sagas with an error.
        sagas = sagas.filter(error_class=error).exclude(error_class="")
    if state in _MOST_ARE and not error:
        return rows.filter(number__in=sagas.values("reference"))
    first = "-pk" if state else "alert_wanted_at"
    return rows.filter(number__in=select_numbers(sagas, request, _OF_SAGAS, first))
