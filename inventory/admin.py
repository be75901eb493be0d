"""Pages of the stock for staff: counters, holds, the ledger; receive and adjust.

Counters are never typed in: every change is a movement with a reason.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from inventory import parking, services
from inventory.errors import OutOfStock, UnknownSku
from inventory.forms import (
    AdjustForm,
    AnnounceForm,
    AnnounceNewForm,
    NewGoodsForm,
    ReceiveForm,
)
from inventory.item_list import ItemColumns, LowFilter
from inventory.models import Hold, Movement, StockItem
from inventory.receiving import announce_new, receive_new
from shop.forms.read_only import ReadOnlyAdmin

_RECENT = 20


@admin.register(StockItem)
class StockItemAdmin(ItemColumns):
    list_filter = [LowFilter]
    fields = ["sku", ("on_hand", "held", "free_units"), "awaited", "low_at", "shelf"]
    readonly_fields = ["sku", "on_hand", "held", "free_units", "awaited"]
    show_facets = admin.ShowFacets.NEVER
    change_form_template = "admin/inventory/stockitem/change_form.html"
    change_list_template = "admin/inventory/stockitem/change_list.html"
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        # Does not save the counters: this page may be older than the last sale.
        obj.save(update_fields=["low_at", "shelf"])

    # --- pages -----------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "receive/",
                wrap(self.new_goods_view),
                name="inventory_stockitem_new_goods",
            ),
            path(
                "announce/",
                wrap(self.announce_new_view),
                name="inventory_stockitem_announce_new",
            ),
            path(
                "<int:pk>/announce/",
                wrap(self.announce_view),
                name="inventory_stockitem_announce",
            ),
            path(
                "<int:pk>/receive/",
                wrap(self.receive_view),
                name="inventory_stockitem_receive",
            ),
            path(
                "<int:pk>/adjust/",
                wrap(self.adjust_view),
                name="inventory_stockitem_adjust",
            ),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "may_receive": self.has_change_permission(request),
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
        context: dict[str, Any] = {**(extra_context or {})}
        if object_id.isdecimal() and self.has_view_permission(request):
            item_id = int(object_id)
            holds = Hold.objects.active().filter(item_id=item_id)
            context["holds"] = holds.order_by("created_at")[:_RECENT]
            context["movements"] = Movement.objects.filter(item_id=item_id)[:_RECENT]
        return super().change_view(request, object_id, form_url, context)

    def new_goods_view(self, request: HttpRequest) -> HttpResponseBase:
        """Receive goods by their SKU, even if they were never in stock."""
        return self._move(
            request, NewGoodsForm, _receive_new, None, gettext("Receive goods")
        )

    def receive_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        item = get_object_or_404(StockItem, pk=pk)
        title = gettext("Receive %(sku)s") % {"sku": item.sku}
        return self._move(request, ReceiveForm, _receive, item, title)

    def announce_new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Let goods be ordered before they come, even if they were never in stock."""
        title = gettext("Announce goods for pre-orders")
        return self._move(request, AnnounceNewForm, _announce_new, None, title)

    def announce_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        item = get_object_or_404(StockItem, pk=pk)
        title = gettext("Announce %(sku)s for pre-orders") % {"sku": item.sku}
        return self._move(request, AnnounceForm, _announce, item, title)

    def adjust_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        item = get_object_or_404(StockItem, pk=pk)
        title = gettext("Adjust the count of %(sku)s") % {"sku": item.sku}
        return self._move(request, AdjustForm, _adjust, item, title)

    def _move(
        self,
        request: HttpRequest,
        form_class: type[Form],
        verb: Callable[[str, dict[str, Any], str], bool],
        item: StockItem | None,
        title: str,
    ) -> HttpResponseBase:
        """Show a form; when it is sent, call ``verb`` to move units and report it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = form_class(request.POST) if request.method == "POST" else form_class()
        if form.is_valid():
            sku = item.sku if item else form.cleaned_data["sku"]
            try:
                moved = verb(sku, form.cleaned_data, request.user.get_username())
            except OutOfStock as error:
                form.add_error("difference", error.sentence)
            except UnknownSku as error:
                form.add_error("sku", error.sentence)
            else:
                return self._say(request, sku, moved=moved)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "item": item,
            "form": form,
            "title": title,
        }
        template = "admin/inventory/stockitem/move.html"
        status = 422 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)

    def _say(self, request: HttpRequest, sku: str, *, moved: bool) -> HttpResponseBase:
        item = StockItem.objects.get(sku=sku)
        values = {"sku": sku, "on_hand": item.on_hand, "free": item.free}
        if moved:
            text = gettext("%(sku)s: now %(on_hand)d on hand, %(free)d free.")
            self.message_user(request, text % values, messages.SUCCESS)
        else:
            text = gettext(
                "%(sku)s: this reference was booked before, so nothing was changed. "
                "There are %(on_hand)d on hand, %(free)d free."
            )
            self.message_user(request, text % values, messages.WARNING)
        return redirect("admin:inventory_stockitem_change", item.pk)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = [
        "reference",
        "item",
        "quantity",
        "state",
        "is_parked",
        "origin",
        "created_at",
        "expires_at",
    ]
    list_filter = ["state", "is_parked", "created_at"]
    list_select_related = ["item"]
    search_fields = ["reference", "item__sku", "origin"]
    actions = ["free_holds"]

    def has_free_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("inventory.free_hold")

    @admin.action(description=_("Free the goods"), permissions=["free"])
    def free_holds(
        self, request: HttpRequest, queryset: QuerySet[Hold]
    ) -> HttpResponseBase | None:
        """Show what would be freed; when that is confirmed, free it and say so."""
        unpaid = Hold.objects.releasable().filter(pk__in=queryset.values("pk"))
        if "confirmed" not in request.POST:
            return self._preview(request, queryset, unpaid)
        holds = list(unpaid)
        units = parking.free(hold.pk for hold in holds)
        for hold in holds:
            self.log_change(request, hold, "freed")
        text = ngettext(
            "%(units)d unit was freed.", "%(units)d units were freed.", units
        )
        self.message_user(request, text % {"units": units}, messages.SUCCESS)
        return None

    def _preview(
        self, request: HttpRequest, chosen: QuerySet[Hold], unpaid: QuerySet[Hold]
    ) -> HttpResponseBase:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Free the goods of unpaid orders"),
            "holds": unpaid.select_related("item").order_by("reference", "item__sku"),
            "others": chosen.exclude(pk__in=unpaid.values("pk")).count(),
        }
        return TemplateResponse(request, "admin/inventory/hold/free.html", context)


@admin.register(Movement)
class MovementAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "item",
        "kind",
        "quantity",
        "reference",
        "note",
        "actor",
    ]
    list_filter = ["kind", "created_at"]
    list_select_related = ["item"]
    search_fields = ["reference", "item__sku", "note"]


def _receive(sku: str, values: dict[str, Any], actor: str) -> bool:
    return services.receive(
        sku, values["quantity"], values["reference"], note=values["note"], actor=actor
    )


def _receive_new(sku: str, values: dict[str, Any], actor: str) -> bool:
    return receive_new(
        sku, values["quantity"], values["reference"], note=values["note"], actor=actor
    )


def _announce(sku: str, values: dict[str, Any], actor: str) -> bool:
    return services.announce(
        sku, values["difference"], str(values["token"]), values["note"], actor
    )


def _announce_new(sku: str, values: dict[str, Any], actor: str) -> bool:
    return announce_new(
        sku, values["difference"], str(values["token"]), values["note"], actor
    )


def _adjust(sku: str, values: dict[str, Any], actor: str) -> bool:
    return services.adjust(
        sku, values["difference"], str(values["token"]), values["note"], actor
    )
