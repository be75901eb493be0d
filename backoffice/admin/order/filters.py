"""Filters of the list of orders: refunds and disputes, and the saga's state."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.admin.lists.filters import select_numbers
from orders.models import Dispute, Order, Refund
from orders.selectors import unpaid_parcels
from saga.models import ENDED, Saga, State


class RefundFilter(admin.SimpleListFilter):
    title = _("money back")
    parameter_name = "back"
    _WANTED = {
        "refunded": Q(payment__refunded_minor__gt=0),
        "failed": Q(payment__refunds__status=Refund.Status.FAILED),
        "disputed": Q(payment__disputes__isnull=False),
        "to_answer": Q(payment__disputes__status=Dispute.Status.NEEDS_RESPONSE),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("refunded", _("refunded, in part or whole")),
            ("failed", _("a refund failed")),
            ("unsent", _("nothing is left, and nothing was sent")),
            ("disputed", _("disputed")),
            ("to_answer", _("disputed, needs your answer")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "unsent":
            return queryset.filter(pk__in=unpaid_parcels().values("order"))
        wanted = self._WANTED.get(self.value() or "")
        if wanted is None:
            return queryset
        found = Order.objects.filter(wanted).values("pk")
        return queryset.filter(pk__in=found)


class SagaStateFilter(admin.SimpleListFilter):
    title = _("processing log")
    parameter_name = "saga"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return State.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        # By state alone, so that stopped sagas are read from their own small index.
        sagas = Saga.objects.filter(state=self.value())
        if self.value() in ENDED:
            # A branch may have ended while its order has not.
            sagas = sagas.main_paths()
        if self.value() == State.DONE:
            return queryset.filter(number__in=sagas.values("reference"))
        return queryset.filter(number__in=select_numbers(sagas, request, ["saga"]))
