"""Pages to read, explain and export mismatches."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from backoffice import permissions
from backoffice.admin.forms import read_keys
from backoffice.admin.reconciliation import selectors
from backoffice.admin.reconciliation.forms import ExplainForm
from checkout.reconciliation.export import write_csv
from checkout.reconciliation.models import Mismatch
from checkout.reconciliation.selectors import books_status
from checkout.reconciliation.store import NotExplainable, explain
from shop.forms.read_only import ReadOnlyAdmin

MOST_AT_ONCE = 100


class MismatchPages(ReadOnlyAdmin):
    """Adds the page of one mismatch, the explanation and the export."""

    def has_explain_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.EXPLAIN_MISMATCH)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_explain_permission(request) or super().has_view_permission(
            request, obj
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("explain/", wrap(self.explain_view), name="checkout_mismatch_explain"),
            path(
                "export/",
                wrap(require_safe(self.export_view)),
                name="checkout_mismatch_export",
            ),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        books = books_status()
        tone, headline = selectors.write_headline(books)
        context = {
            "title": gettext("Reconciliation"),
            "tone": tone,
            "headline": headline,
            "books": books,
            "query": request.GET.urlencode(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **selectors.read_page(row),
            "opts": self.opts,
            "title": str(row.get_kind_display()).capitalize(),
            "may_explain": self.has_explain_permission(request),
            **(extra_context or {}),
        }
        template = "admin/checkout/mismatch/change_form.html"
        return TemplateResponse(request, template, context)

    def explain_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for the explanation of mismatches; on POST keep it."""
        if not self.has_explain_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else request.GET
        keys = read_keys(sent.getlist("mismatch"))
        rows = Mismatch.objects.filter(pk__in=keys[:MOST_AT_ONCE]).order_by("pk")
        if request.method != "POST":
            return self._ask(request, ExplainForm(), rows)
        form = ExplainForm(request.POST)
        if not form.is_valid():
            return self._ask(request, form, rows)
        return self._explain(request, rows, form.cleaned_data["note"])

    def _ask(
        self, request: HttpRequest, form: ExplainForm, rows: QuerySet[Mismatch]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "descriptions": [
                selectors.describe(row)
                for row in rows
                if not row.explained_at and not row.resolved_at
            ],
            "opts": self.opts,
            "title": gettext("Mark as explained"),
            "form": form,
        }
        template = "admin/checkout/mismatch/explain.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)

    def _explain(
        self, request: HttpRequest, rows: QuerySet[Mismatch], note: str
    ) -> HttpResponseBase:
        done = 0
        for row in rows:
            try:
                explain(row, request.user.get_username(), note)
            except NotExplainable:
                text = gettext(
                    "“%(mismatch)s” was not changed: it is gone, or was explained "
                    "meanwhile."
                )
                self.message_user(request, text % {"mismatch": row}, messages.WARNING)
            else:
                done += 1
        if done:
            text = ngettext(
                "%(count)d difference is explained.",
                "%(count)d differences are explained.",
                done,
            )
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        return redirect("admin:checkout_mismatch_changelist")

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Return the filtered list as a CSV table; for an odd filter, the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:checkout_mismatch_changelist")
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"mismatches-{timezone.localdate().isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        # Spreadsheets read the bytes as UTF-8 only with this mark.
        answer.write("\ufeff")
        write_csv(answer, rows.iterator(chunk_size=500))
        return answer
