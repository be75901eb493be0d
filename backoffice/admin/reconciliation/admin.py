"""Lists of mismatches between Stripe, orders and stock, and of comparisons."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.reconciliation import selectors
from backoffice.admin.reconciliation.filters import (
    KindFilter,
    SeverityFilter,
    StatusFilter,
)
from backoffice.admin.reconciliation.views import MOST_AT_ONCE, MismatchPages
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from shop import formatting
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(Mismatch)
class MismatchAdmin(MismatchPages):
    list_display = ["what", "sentence", "number", "state"]
    list_filter = [StatusFilter, SeverityFilter, KindFilter, "first_seen"]
    search_fields = ["subject", "order_number", "intent_id"]
    search_help_text = _("Order, Stripe's id of the payment, or SKU")
    actions = ["explain_selected"]
    change_list_template = "admin/checkout/mismatch/change_list.html"

    @admin.display(description=_("what"), ordering="kind")
    def what(self, row: Mismatch) -> str:
        description = selectors.describe(row)
        badge = '<span class="badge {}">{}</span> {}'
        return format_html(
            badge, description.look, description.severity, row.get_kind_display()
        )

    @admin.display(description=_("order"), ordering="order_number")
    def number(self, row: Mismatch) -> str:
        return row.order_number or "-"

    @admin.display(description=_("what does not agree"))
    def sentence(self, row: Mismatch) -> str:
        return selectors.describe(row).sentence

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
        """Redirect to the page that asks for the explanation."""
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True))
        if len(chosen) > MOST_AT_ONCE:
            text = gettext("Only the oldest %(count)d are explained at one time.")
            self.message_user(request, text % {"count": MOST_AT_ONCE}, messages.WARNING)
        picked = "&".join(f"mismatch={pk}" for pk in chosen[:MOST_AT_ONCE])
        return redirect(f"{reverse('admin:checkout_mismatch_explain')}?{picked}")


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    list_display = [
        "started_at",
        "since",
        "state",
        "scheduled",
        "intents",
        "unreadable",
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
