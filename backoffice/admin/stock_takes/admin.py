"""Stock-takes: entering one starts its flow, its page is the sheet to count on."""

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.access import check_permission
from backoffice.admin.flows.links import link_to_flow
from backoffice.admin.stock_takes.forms import read_counts
from flows.services import start_flow
from flows.stock_take.counting import CountRefused, enter, finish
from flows.stock_take.definition import FLOW, STOCK_TAKE
from flows.stock_take.models import StockTake

# A form sends all its fields, and Django takes a thousand at most.
PER_PAGE = 200
_PAGE = "admin:flows_stocktake_change"
_COUNT = "flows.count_stocktake"


@admin.register(StockTake)
class StockTakeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["id", "__str__", "started_by", "finished_by", "posted_at", "run"]
    list_display_links = ["id", "__str__"]
    fields = ["shelves", "approve_above"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.count_view)
        own = [path("<int:pk>/count/", view, name="flows_stocktake_count")]
        return own + super().get_urls()

    @transaction.atomic
    def save_model(
        self, request: HttpRequest, obj: StockTake, form: Any, change: Any
    ) -> None:
        obj.started_by = request.user.get_username()
        super().save_model(request, obj, form, change)
        start_flow(FLOW, str(obj.pk), {"by": obj.started_by})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the sheet; what the books say only once all is counted."""
        check_permission(request, "flows.view_stocktake")
        pk = int(object_id) if object_id.isdecimal() else 0
        take = get_object_or_404(StockTake, pk=pk)
        counts = Paginator(take.counts.all(), PER_PAGE)
        is_open = not take.finished_at and take.counts.filter(is_open=True).exists()
        left = take.counts.filter(counted=None).count()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Stock-take %(name)s") % {"name": take},
            "take": take,
            "counts": counts.get_page(request.GET.get("page")),
            "left": gettext("Not counted yet: %(count)d") % {"count": left},
            "may_count": is_open and request.user.has_perm(_COUNT),
            "run": self.run(take),
            **(extra_context or {}),
        }
        template = "admin/flows/stocktake/sheet.html"
        return TemplateResponse(request, template, context)

    def count_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Store the counts sent; with ``finish``, end the counting as well."""
        check_permission(request, _COUNT)
        take = get_object_or_404(StockTake, pk=pk)
        actor = request.user.get_username()
        if request.method == "POST":
            counted, wrong = read_counts(take, request.POST)
            for sku in wrong:
                text = gettext("%(sku)s: not a whole number.") % {"sku": sku}
                messages.error(request, text)
            try:
                count = enter(take, counted, actor) if counted else 0
                if "finish" in request.POST and not wrong:
                    finish(take, actor)
            except CountRefused as refusal:
                messages.warning(request, refusal.sentence)
            else:
                text = ngettext("%(n)d count saved.", "%(n)d counts saved.", count)
                messages.success(request, text % {"n": count})
        page, number = reverse(_PAGE, args=[pk]), request.GET.get("page", "1")
        return redirect(f"{page}?page={number}" if number.isdecimal() else page)

    @admin.display(description=_("flow"))
    def run(self, take: StockTake) -> SafeString | str:
        return link_to_flow(STOCK_TAKE.name, take.pk)
