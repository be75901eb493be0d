"""Endpoints of outgoing webhooks, and the requests that were made to them."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.admin.endpoints.forms import EndpointForm
from backoffice.admin.endpoints.views import EndpointPages, too_many_text
from events.models import Delivery
from outgoing.webhooks import services
from outgoing.webhooks.models import Attempt, Endpoint
from shop.formatting import moment
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(Endpoint)
class EndpointAdmin(EndpointPages):
    form = EndpointForm
    list_display = ["name", "host", "hears_of", "standing", "succeeded_at", "dead"]
    list_filter = ["state"]
    search_fields = ["name", "url"]
    fields = ["name", "url", "types", "in_order"]
    change_form_template = "admin/outgoing/endpoint/change_form.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the form. Of two who add the last one at once, one is told."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except services.TooMany:
            self.message_user(request, too_many_text(), messages.ERROR)
            return redirect("admin:outgoing_endpoint_changelist")

    def save_model(
        self, request: HttpRequest, obj: Endpoint, form: Any, change: bool
    ) -> None:
        if change:
            obj.save(update_fields=["name", "url", "types", "in_order"])
        else:
            services.add(obj, request.user.get_username())

    def response_add(
        self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect to the page that shows the secret."""
        return redirect("admin:outgoing_endpoint_secret", obj.pk)

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        services.remove([obj])

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Endpoint]
    ) -> None:
        services.remove(queryset)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return that they may be deleted with what belongs to them."""
        named = [str(each) for each in objs]
        return named, {self.opts.verbose_name_plural: len(named)}, set(), []

    def render_change_form(
        self, request: HttpRequest, context: Any, *rest: Any, **options: Any
    ) -> HttpResponse:
        endpoint = context.get("original")
        if endpoint is not None:
            context |= {
                "standing": self.standing(endpoint),
                "newest": endpoint.secrets.order_by("-pk").first(),
                "old_secrets": endpoint.secrets.valid().exclude(ends_at=None),
                "last_attempts": endpoint.attempts.order_by("-pk")[:10],
                "waiting": _of(endpoint).waiting().count(),
                "dead": _of(endpoint).dead().count(),
            }
        return super().render_change_form(request, context, *rest, **options)

    @admin.display(description=_("host"), ordering="url")
    def host(self, endpoint: Endpoint) -> str:
        return urlsplit(endpoint.url).hostname or "-"

    @admin.display(description=_("event types"))
    def hears_of(self, endpoint: Endpoint) -> str:
        return ", ".join(endpoint.patterns)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, endpoint: Endpoint) -> str:
        if endpoint.state != Endpoint.State.ACTIVE:
            look = "none" if endpoint.state == Endpoint.State.DISABLED else ""
            return _badge(look, endpoint.get_state_display())
        if endpoint.failing_since:
            text = gettext("failing since %(time)s")
            return _badge("low", text % {"time": moment(endpoint.failing_since)})
        return _badge("fine", endpoint.get_state_display())

    @admin.display(description=_("dead letters"))
    def dead(self, endpoint: Endpoint) -> int:
        return int(_of(endpoint).dead().count())


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["sent_at", "endpoint", "type", "subject", "outcome", "seconds"]
    list_filter = [
        ("endpoint", admin.RelatedOnlyFieldListFilter),
        *("status", "is_test", "sent_at"),
    ]
    list_select_related = ["endpoint"]
    search_fields = ["=subject", "=uid"]
    search_help_text = _("The whole subject, or the event's identifier")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("endpoint", "sent_at", "seconds"),
                    ("type", "subject", "uid"),
                    ("outcome", "error"),
                ]
            },
        ),
        (_("Request"), {"fields": ["sent_headers", "sent_body"]}),
        (pgettext_lazy("webhook", "Answer"), {"fields": ["got_headers", "got_body"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = ["outcome", "seconds", "sent_headers", "sent_body"]
        return [*own, "got_headers", "got_body"]

    @admin.display(description=_("outcome"), ordering="status")
    def outcome(self, attempt: Attempt) -> str:
        if attempt.is_taken:
            return _badge("fine", gettext("taken (%d)") % (attempt.status or 0))
        if attempt.status:
            return _badge("none", gettext("not taken (%d)") % attempt.status)
        return _badge("none", gettext("no answer"))

    @admin.display(description=_("seconds"), ordering="took")
    def seconds(self, attempt: Attempt) -> str:
        return f"{attempt.took.total_seconds():.2f}"

    @admin.display(description=_("headers"))
    def sent_headers(self, attempt: Attempt) -> str:
        return _lines(attempt.request_headers)

    @admin.display(description=_("body"))
    def sent_body(self, attempt: Attempt) -> str:
        return _pre(_indented(attempt.request_body))

    @admin.display(description=_("headers"))
    def got_headers(self, attempt: Attempt) -> str:
        return _lines(attempt.answer_headers)

    @admin.display(description=_("body"))
    def got_body(self, attempt: Attempt) -> str:
        return _pre(_indented(attempt.answer_body))


def _of(endpoint: Endpoint) -> Any:
    return Delivery.objects.filter(consumer=endpoint.consumer)


def _lines(headers: dict[str, str]) -> str:
    return _pre("\n".join(f"{name}: {text}" for name, text in headers.items()))


def _indented(text: str) -> str:
    """Return JSON over several lines; anything else, or what was cut, as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def _pre(text: str) -> str:
    return (
        format_html('<pre class="command" tabindex="0">{}</pre>', text) if text else "-"
    )


def _badge(look: str, text: str) -> str:
    return format_html('<span class="badge {}">{}</span>', look, text)
