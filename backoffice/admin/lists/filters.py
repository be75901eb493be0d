"""What the list of orders can be narrowed to by their sagas.

Sagas are chosen first, by an index of their own, and at most as many as the list
shows; where something else narrows it as well, all of them count.
"""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice import wording
from backoffice.admin.lists.search import MOST
from backoffice.models import StalledOrder
from backoffice.order_overview import wanting_somebody
from checkout.flow.definition import CHECKOUT
from checkout.status.names import CHECKOUT_NAME
from saga.models import ENDED, Saga, SagaQuerySet, State
from shop.formatting import Wording

ALL = "all"
# Parameters that narrow sagas, not orders.
_OF_SAGAS = ("state", "step", "error")
_OF_THE_PAGE = ("p", "o", "e", "all")
# Of these there are so many that the newest orders are nearly all among them.
_MOST_ARE = (State.DONE, ALL)


class SagaFilter(admin.SimpleListFilter):
    """Only offers the choices: ``chosen`` reads them all together."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset


class WorkFilter(admin.SimpleListFilter):
    """Keeps what needs somebody unless asked otherwise: ``work`` names that choice."""

    work: Wording

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": self.work}, *others]


class StateFilter(SagaFilter, WorkFilter):
    title = _("state")
    parameter_name = "state"
    work = _("needs somebody")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*State.choices, (ALL, _("all orders"))]


class StepFilter(SagaFilter):
    title = _("step")
    parameter_name = "step"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(step.name, wording.step_title(step.name)) for step in CHECKOUT.steps]


class ErrorFilter(SagaFilter):
    title = _("error")
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        classes = wanting_somebody().order_by().values_list("error_class", flat=True)
        return [(name, name) for name in sorted(set(classes.distinct())) if name]


def state_of(request: HttpRequest) -> str:
    """Return the chosen state: empty for what needs somebody, or ALL."""
    state = request.GET.get("state", "")
    return state if state in (*State.values, ALL) else ""


def chosen(request: HttpRequest) -> QuerySet[StalledOrder]:
    """Return the orders whose sagas are as the request asks."""
    rows, state = StalledOrder.objects.all(), state_of(request)
    step, error = request.GET.get("step"), request.GET.get("error")
    if state == ALL and not (step or error):
        return rows
    sagas = Saga.objects.filter(definition=CHECKOUT_NAME)
    if not state:
        sagas = wanting_somebody()
    elif state != ALL:
        sagas = sagas.filter(state=state)
    if step:
        sagas = sagas.filter(step=step)
    elif state in ENDED:
        # A branch that has ended says nothing of its order.
        sagas = sagas.main_paths()
    if error:
        # The index is of those that have one.
        sagas = sagas.filter(error_class=error).exclude(error_class="")
    if state in _MOST_ARE and not error:
        return rows.filter(number__in=sagas.values("reference"))
    first = "-pk" if state else "alert_wanted_at"
    return rows.filter(number__in=numbers_of(sagas, request, _OF_SAGAS, first))


def numbers_of(
    sagas: SagaQuerySet,
    request: HttpRequest,
    asked: Collection[str],
    first: str = "-pk",
) -> QuerySet[Saga, Any]:
    """Return the numbers of the orders of ``sagas``, for which ``asked`` was sent.

    Where nothing else narrows the list, those that it may show, chosen before their
    orders: left to itself, the database may look through the orders for the few of a
    rare state. ``first`` names the order in which they are.
    """
    numbers = sagas.values("reference")
    ours = {*asked, *_OF_THE_PAGE}
    if any(value for name, value in request.GET.items() if name not in ours):
        return numbers
    return numbers.order_by(first)[: MOST + 1]
