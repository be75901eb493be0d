"""The saga's rows, bare, for whoever wants to know exactly."""

from django.contrib import admin

from checkout.saga.models import Attempt, Saga
from shop.read_only import ReadOnlyAdmin, ReadOnlyInline


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = [
        "fence",
        "step",
        "direction",
        "number",
        "started_at",
        "ended_at",
        "outcome",
        "error",
        "worker",
        "actor",
        "note",
    ]
    show_change_link = True


@admin.register(Saga)
class SagaAdmin(ReadOnlyAdmin):
    list_display = ["reference", "state", "step", "attempt", "due_at", "failed_at"]
    list_filter = ["state", "step", "definition"]
    search_fields = ["=reference"]
    inlines = [AttemptInline]


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = [
        "saga",
        "step",
        "direction",
        "number",
        "started_at",
        "outcome",
        "error_class",
        "worker",
        "actor",
    ]
    list_filter = ["outcome", "step", "direction"]
    list_select_related = ["saga"]
    search_fields = ["=saga__reference", "actor"]
