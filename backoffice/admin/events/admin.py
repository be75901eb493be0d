"""Events, and their deliveries to consumers: what failed, and trying it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice import permissions
from events.consumers import all_consumers
from events.deliveries import retry
from events.models import Delivery, Event
from events.types import all_types
from shop.read_only import ReadOnlyAdmin

LONGEST = 80  # characters of an error in the list


class TypeFilter(admin.SimpleListFilter):
    """The types of the catalogue: asking the table would read all of it."""

    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(each.name, each.name) for each in all_types()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(type=self.value()) if self.value() else queryset


class ConsumerFilter(admin.SimpleListFilter):
    """The consumers that there are now."""

    title = _("consumer")
    parameter_name = "consumer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(each.name, each.name) for each in all_consumers()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(consumer=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "type", "subject", "sequence", "occurred_at"]
    list_filter = [TypeFilter, "occurred_at"]
    search_fields = ["=subject", "=correlation", "=uid"]
    search_help_text = _("The whole subject, the order's number, or the identifier")
    ordering = ["-id"]
    fields = [
        ("uid", "type", "version"),
        ("subject", "sequence", "correlation"),
        "occurred_at",
        "data",
    ]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = [
        *("id", "consumer", "event", "state", "attempts", "last_error"),
    ]
    list_filter = ["state", ConsumerFilter, "due_at"]
    list_select_related = ["event"]
    search_fields = ["=subject", "=event__uid"]
    search_help_text = _("The whole subject, or the event's identifier")
    ordering = ["-id"]
    actions = ["retry_selected"]
    fields = [
        ("event", "consumer"),
        ("state", "attempts", "due_at", "ended_at"),
        ("error_class", "error"),
    ]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.RETRY_DELIVERIES)

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, queryset: QuerySet[Delivery]
    ) -> None:
        """Have the chosen dead letters delivered by the next turn of the sweeper."""
        number = retry(queryset)
        text = ngettext(
            "%(number)s delivery will be tried again within seconds.",
            "%(number)s deliveries will be tried again within seconds.",
            number,
        )
        level = messages.SUCCESS if number else messages.WARNING
        self.message_user(request, text % {"number": number}, level)

    @admin.display(description=_("error"))
    def last_error(self, delivery: Delivery) -> str:
        """Return the kind of error and its beginning: a list has no room for all."""
        if not delivery.error_class:
            return "-"
        return Truncator(f"{delivery.error_class}: {delivery.error}").chars(LONGEST)
