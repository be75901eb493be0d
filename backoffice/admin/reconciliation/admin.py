"""What does not agree between Stripe, the orders and the stock, and settling it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backoffice.admin.lists.filters import WorkFilter
from backoffice.admin.reconciliation import selectors as pages
from checkout.reconciliation.export import write_csv
from checkout.reconciliation.kinds import Kind, Severity
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.selectors import books_status
from checkout.reconciliation.store import NotExplainable, explain
from shop import formatting
from shop.read_only import ReadOnlyAdmin

MOST_AT_ONCE = 100


class StandingFilter(WorkFilter):
    title = _("state")
    parameter_name = "standing"
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
        return [(each.value, text) for each, text in pages.SEVERITIES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        severity = Severity(self.value())
        kinds = [kind for kind in Kind if kind.severity is severity]
        return queryset.filter(kind__in=kinds)


class KindFilter(admin.SimpleListFilter):
    """Only the kinds that ever occurred: there are many."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        known = set(
            Mismatch.objects.order_by().values_list("kind", flat=True).distinct()
        )
        return [(value, text) for value, text in Kind.choices if value in known]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Mismatch)
class MismatchAdmin(ReadOnlyAdmin):
    list_display = ["what", "sentence", "number", "state"]
    list_filter = [StandingFilter, SeverityFilter, KindFilter, "first_seen"]
    search_fields = ["subject", "order_number", "intent_id"]
    search_help_text = _("Order, Stripe's id of the payment, or SKU")
    actions = ["explain_selected"]
    change_list_template = "admin/checkout/mismatch/change_list.html"

    # --- who may ---------------------------------------------------------------------

    def has_explain_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("checkout.explain_mismatch")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_explain_permission(request) or super().has_view_permission(
            request, obj
        )

    # --- the list --------------------------------------------------------------------

    @admin.display(description=_("what"), ordering="kind")
    def what(self, row: Mismatch) -> str:
        told = pages.tell(row)
        badge = '<span class="badge {}">{}</span> {}'
        return format_html(badge, told.look, told.severity, row.get_kind_display())

    @admin.display(description=_("order"), ordering="order_number")
    def number(self, row: Mismatch) -> str:
        return row.order_number or "-"

    @admin.display(description=_("what does not agree"))
    def sentence(self, row: Mismatch) -> str:
        return pages.tell(row).sentence

    @admin.display(description=_("state"))
    def state(self, row: Mismatch) -> str:
        if row.resolved_at:
            return gettext("gone since %(time)s") % {
                "time": formatting.moment(row.resolved_at)
            }
        if row.explained_at:
            return gettext("explained by %(who)s") % {"who": row.explained_by}
        return gettext("open: %(age)s") % {"age": formatting.age(row.first_seen)}

    @admin.action(description=_("Mark as explained"), permissions=["explain"])
    def explain_selected(
        self, request: HttpRequest, queryset: QuerySet[Mismatch]
    ) -> HttpResponse:
        """Lead to the page that asks why; nothing happens yet."""
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True))
        if len(chosen) > MOST_AT_ONCE:
            text = gettext("Only the oldest %(count)d are explained at one time.")
            self.message_user(request, text % {"count": MOST_AT_ONCE}, messages.WARNING)
        picked = "&".join(f"mismatch={pk}" for pk in chosen[:MOST_AT_ONCE])
        return redirect(f"{reverse('admin:checkout_mismatch_explain')}?{picked}")

    # --- pages -----------------------------------------------------------------------

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
        tone, headline = pages.headline(books)
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
            **pages.page(row),
            "opts": self.opts,
            "title": str(row.get_kind_display()).capitalize(),
            "may_explain": self.has_explain_permission(request),
            **(extra_context or {}),
        }
        template = "admin/checkout/mismatch/change_form.html"
        return TemplateResponse(request, template, context)

    def explain_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask why these may stay, and on POST keep the answer."""
        if not self.has_explain_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else request.GET
        keys = [key for key in sent.getlist("mismatch") if key.isdecimal()]
        rows = Mismatch.objects.filter(pk__in=keys[:MOST_AT_ONCE]).order_by("pk")
        if request.method != "POST":
            return self._ask(request, pages.ExplainForm(), rows)
        form = pages.ExplainForm(request.POST)
        if not form.is_valid():
            return self._ask(request, form, rows)
        return self._explain(request, rows, form.cleaned_data["note"])

    def _ask(
        self, request: HttpRequest, form: pages.ExplainForm, rows: QuerySet[Mismatch]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "told": [
                pages.tell(row)
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
                "%(count)d mismatch is explained.",
                "%(count)d mismatches are explained.",
                done,
            )
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        return redirect("admin:checkout_mismatch_changelist")

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Send all that the list with the same filters shows, as a table."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).get_queryset(request)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"mismatches-{timezone.localdate().isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        # Spreadsheets take the bytes for UTF-8 only with this mark.
        answer.write("\ufeff")
        write_csv(answer, rows.iterator(chunk_size=500))
        return answer


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    list_display = [
        "started_at",
        "since",
        "state",
        "scheduled",
        "intents",
        "found",
        "fresh",
        "resolved",
    ]
    list_filter = ["scheduled", "started_at"]

    @admin.display(description=_("state"))
    def state(self, run: ReconciliationRun) -> str:
        if run.finished_at:
            took = formatting.duration(run.started_at, run.finished_at)
            return gettext("finished in %(time)s") % {"time": took}
        if run.broken_at:
            return gettext("broken off: %(error)s") % {"error": run.error[:160]}
        return gettext("under way")
