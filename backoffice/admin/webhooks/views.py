"""The page that tries webhooks again that were not taken."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.forms import read_keys
from backoffice.admin.webhooks.wording import outcome, plan, remedy
from checkout.webhooks.models import WebhookProblem
from checkout.webhooks.second_chance import try_again
from shop.forms.read_only import ReadOnlyAdmin

_LIST = "admin:checkout_webhookproblem_changelist"


class RetryPages(ReadOnlyAdmin):
    """Adds to webhooks that were not taken the page that tries them again."""

    change_form_template = "admin/checkout/webhookproblem/change_form.html"

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.RETRY_WEBHOOKS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.retry_view)
        return [
            path("retry/", view, name="checkout_webhookproblem_retry"),
            *super().get_urls(),
        ]

    def retry_view(self, request: HttpRequest) -> HttpResponseBase:
        """Say what will be tried; on POST try it, and say what became of it."""
        check_permission(request, permissions.RETRY_WEBHOOKS)
        sent = request.POST if request.method == "POST" else request.GET
        keys = read_keys(sent.getlist("problem"))
        rows = list(WebhookProblem.objects.filter(pk__in=keys).order_by("pk"))
        if request.method != "POST" or not rows:
            return self._ask(request, rows)
        for level, text in outcome(try_again(rows)):
            self.message_user(request, text, level)
        return redirect(_LIST)

    def _ask(self, request: HttpRequest, rows: list[WebhookProblem]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "problems": [(row, remedy(row.cause)) for row in rows],
            "effects": list(plan([row.cause for row in rows])),
            "opts": self.opts,
            "title": gettext("Try again"),
        }
        template = "admin/checkout/webhookproblem/retry.html"
        return TemplateResponse(request, template, context)
