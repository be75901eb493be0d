"""What the warehouse was asked and what it reported: lists to read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from checkout.aftersales.warehouse.models import (
    WarehouseOrder,
    WarehouseProblem,
    WarehouseReport,
)
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(WarehouseOrder)
class WarehouseOrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "standing", "reason", "revision", "asked_at", "heard_at"]
    list_filter = ["standing", "asked_at"]
    search_fields = ["shipment__order__number", "=exchange__number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WarehouseOrder]:
        rows: QuerySet[WarehouseOrder] = super().get_queryset(request)
        return rows.select_related("shipment__order", "exchange__returned__order")

    @admin.display(description=_("order"), ordering="shipment__order__number")
    def number(self, row: WarehouseOrder) -> str:
        return row.number


@admin.register(WarehouseReport)
class WarehouseReportAdmin(ReadOnlyAdmin):
    list_display = [
        "message_id",
        "number",
        "kind",
        "sequence",
        "received_at",
        "applied_at",
        "refused",
        "detail",
    ]
    list_filter = ["refused", "kind", "received_at"]
    search_fields = ["message_id", "at__shipment__order__number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WarehouseReport]:
        rows: QuerySet[WarehouseReport] = super().get_queryset(request)
        return rows.select_related(
            "at__shipment__order", "at__exchange__returned__order"
        )

    @admin.display(description=_("order"))
    def number(self, row: WarehouseReport) -> str:
        return row.at.number if row.at else "-"


@admin.register(WarehouseProblem)
class WarehouseProblemAdmin(ReadOnlyAdmin):
    list_display = ["cause", "times", "first_at", "last_at", "detail"]
