"""The list of webhooks from the payment provider."""

from django.contrib import admin

from checkout.webhooks.models import ProviderEvent
from shop.read_only import ReadOnlyAdmin


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    list_display = ["event_id", "type", "intent_id", "received_at", "applied_at"]
    list_filter = ["type", ("applied_at", admin.EmptyFieldListFilter), "received_at"]
    search_fields = ["event_id", "intent_id"]
