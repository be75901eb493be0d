"""The list of webhooks from the payment provider, and why some were not taken."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.webhooks.views import RetryPages
from backoffice.admin.webhooks.wording import remedy
from checkout.webhooks.models import ProviderEvent, WebhookProblem
from shop.formatting import moment
from shop.forms.read_only import ReadOnlyAdmin


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("applied", _("applied")),
            ("waiting", _("waiting")),
            ("trouble", _("failed, to be tried again")),
            ("aside", _("set aside")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = self.value()
        if wanted == "applied":
            return queryset.filter(applied_at__isnull=False)
        if wanted == "waiting":
            return queryset.waiting().filter(tries=0)
        if wanted == "trouble":
            return queryset.waiting().filter(tries__gt=0)
        if wanted == "aside":
            return queryset.exclude(set_aside="")
        return queryset


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    list_display = ["event_id", "type", "object_id", "received_at", "state", "error"]
    list_filter = [StateFilter, "set_aside", "received_at", "type"]
    search_fields = ["event_id", "intent_id", "object_id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("event_id", "type"),
                    ("object_id", "intent_id"),
                    ("received_at", "applied_at"),
                    ("state", "tries", "try_at"),
                    ("error", "what_helps"),
                ]
            },
        )
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["state", "what_helps"]

    @admin.display(description=_("state"), ordering="applied_at")
    def state(self, event: ProviderEvent) -> str:
        if event.applied_at:
            return _badge("fine", gettext("applied"))
        if event.set_aside:
            why = event.get_set_aside_display()
            return _badge("none", gettext("set aside: %(why)s") % {"why": why})
        if event.tries and event.try_at:
            text = gettext("failed, next try %(time)s")
            return _badge("low", text % {"time": moment(event.try_at)})
        return gettext("waiting")

    @admin.display(description=_("what helps"))
    def what_helps(self, event: ProviderEvent) -> str:
        return remedy(event.set_aside) if event.set_aside else "-"


@admin.register(WebhookProblem)
class WebhookProblemAdmin(RetryPages):
    list_display = ["cause", "times", "first_at", "last_at", "detail", "what_helps"]
    actions = ["retry_selected"]

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, queryset: QuerySet[WebhookProblem]
    ) -> HttpResponse:
        """Redirect to the page that says what will be tried."""
        picked = urlencode([("problem", row.pk) for row in queryset.order_by("pk")])
        return redirect(f"{reverse('admin:checkout_webhookproblem_retry')}?{picked}")

    @admin.display(description=_("what helps"))
    def what_helps(self, problem: WebhookProblem) -> str:
        return remedy(problem.cause)


def _badge(look: str, text: str) -> str:
    return format_html('<span class="badge {}">{}</span>', look, text)
