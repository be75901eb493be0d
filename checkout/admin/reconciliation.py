"""What does not agree between Stripe, the orders and the stock, and settling it."""

from django.contrib import admin

from checkout.reconciliation.records import Mismatch, ReconciliationRun
from shop.read_only import ReadOnlyAdmin


@admin.register(Mismatch)
class MismatchAdmin(ReadOnlyAdmin):
    list_display = ["kind", "subject"]


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "since", "until", "intents", "found", "fresh"]
