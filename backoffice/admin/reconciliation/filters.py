"""Filters of the list of mismatches."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.admin.lists.filters import WorkFilter
from backoffice.admin.reconciliation import selectors
from checkout.reconciliation.kinds import Kind, Severity
from checkout.reconciliation.models import Mismatch


class StatusFilter(WorkFilter):
    title = _("state")
    parameter_name = "status"
    work = _("not settled")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("unexplained", _("not explained")),
            ("explained", _("explained")),
            ("gone", _("gone")),
            ("all", _("all")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = self.value()
        if wanted == "all":
            return queryset
        if wanted == "gone":
            return queryset.filter(resolved_at__isnull=False)
        if wanted == "unexplained":
            return queryset.unexplained()
        if wanted == "explained":
            return queryset.open().filter(explained_at__isnull=False)
        return queryset.open()


class SeverityFilter(admin.SimpleListFilter):
    title = _("severity")
    parameter_name = "severity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(each.value, text) for each, text in selectors.SEVERITIES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        severity = Severity(self.value())
        kinds = [kind for kind in Kind if kind.severity is severity]
        return queryset.filter(kind__in=kinds)


class KindFilter(admin.SimpleListFilter):
    """Offers only the kinds that have occurred: there are many."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        known = set(
            Mismatch.objects.order_by().values_list("kind", flat=True).distinct()
        )
        return [(value, text) for value, text in Kind.choices if value in known]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset
