"""Who waits for sold-out goods, for staff who decide what to have made again."""

from django.contrib import admin

from checkout.restock.models import RestockRequest
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(RestockRequest)
class RestockRequestAdmin(ReadOnlyAdmin):
    list_display = ["variant", "email", "language", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["variant"]
    search_fields = ["variant__sku", "email"]
