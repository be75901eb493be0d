"""Events, and their deliveries to consumers: what failed, and trying it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice import permissions
from backoffice.admin.access import check_permission
from events.consumers import all_consumers
from events.dead_letters import Outcome, groups, retry_group
from events.deliveries import retry
from events.models import Delivery, Event
from events.types import all_types
from outgoing.webhooks.models import CONSUMER
from outgoing.webhooks.services import send_again
from shop.formatting import Wording
from shop.forms.read_only import ReadOnlyAdmin
from shop.text.stored import storable
from shop.web.redirects import see_other

LONGEST = 80  # characters of an error in the list
_SAID: dict[Outcome, tuple[int, Wording]] = {
    Outcome.RETRIED: (messages.SUCCESS, ""),
    Outcome.FAILED: (
        messages.ERROR,
        _("The first one failed again: the others were left alone."),
    ),
    Outcome.WAITS: (
        messages.WARNING,
        _("An earlier event of the same subject has to arrive before."),
    ),
    Outcome.NOBODY: (
        messages.WARNING,
        _("There are no such dead letters any more, or the consumer is gone."),
    ),
}


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
        return [(each.name, each.title or each.name) for each in all_consumers()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(consumer=self.value()) if self.value() else queryset


class ErrorFilter(admin.SimpleListFilter):
    """The kinds of errors of dead letters."""

    title = _("kind of error")
    parameter_name = "error_class"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        names = sorted({group.error_class for group in groups()})
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(error_class=value) if value else queryset


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
    list_filter = ["state", ConsumerFilter, ErrorFilter, "due_at"]
    list_select_related = ["event"]
    search_fields = ["=subject", "=event__uid"]
    search_help_text = _("The whole subject, or the event's identifier")
    ordering = ["-id"]
    actions = ["retry_selected", "send_again_selected"]
    change_list_template = "admin/events/delivery/change_list.html"
    fields = [
        ("event", "consumer"),
        ("state", "attempts", "due_at", "ended_at"),
        ("error_class", "error"),
    ]

    def get_urls(self) -> list[URLPattern]:
        retry_all = require_POST(self.admin_site.admin_view(self.retry_group_view))
        own = [path("retry-group/", retry_all, name="events_delivery_retry_group")]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Show the dead letters by cause above the list."""
        mine = {"groups": groups(), "may_retry": self.has_retry_permission(request)}
        return super().changelist_view(request, (extra_context or {}) | mine)

    def retry_group_view(self, request: HttpRequest) -> HttpResponse:
        """Try one dead letter of a cause, and if it arrives, all of them."""
        check_permission(request, permissions.RETRY_DELIVERIES)
        consumer = request.POST.get("consumer", "")
        error_class = request.POST.get("error_class", "")
        outcome, number = retry_group(storable(consumer), storable(error_class))
        level, text = _SAID[outcome]
        if outcome is Outcome.RETRIED:
            text = ngettext(
                "It arrived: %(number)s delivery in all has arrived or is tried again.",
                "The first one arrived: %(number)s deliveries in all have arrived or "
                "are tried again.",
                number,
            )
        self.message_user(request, str(text) % {"number": number}, level)
        return see_other("admin:events_delivery_changelist")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.RETRY_DELIVERIES)

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, queryset: QuerySet[Delivery]
    ) -> None:
        """Have the chosen dead letters delivered by the next turn of the sweeper."""
        # Of a whole list that is chosen, only what is read: it may be all there are.
        letters = Delivery.objects.dead().filter(pk__in=queryset.values("pk"))
        number = retry(letters.only("pk"))
        text = ngettext(
            "%(number)s delivery will be tried again within seconds.",
            "%(number)s deliveries will be tried again within seconds.",
            number,
        )
        level = messages.SUCCESS if number else messages.WARNING
        self.message_user(request, text % {"number": number}, level)

    @admin.action(
        description=_("Send again, delivered ones as well"), permissions=["retry"]
    )
    def send_again_selected(
        self, request: HttpRequest, queryset: QuerySet[Delivery]
    ) -> None:
        """Send the chosen events once more to endpoints of webhooks.

        Other consumers are left alone: what they wrote would be written twice.
        """
        number = send_again(queryset.filter(consumer__startswith=CONSUMER))
        text = ngettext(
            "%(number)s webhook will be sent again within seconds.",
            "%(number)s webhooks will be sent again within seconds.",
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
