"""Read-only lists of the saga's records, for details that other pages leave out."""

from django.contrib import admin

from saga.models import Alert, AlertDelivery, Attempt, Breaker, Heartbeat, Saga
from shop.forms.read_only import ReadOnlyAdmin, ReadOnlyInline


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


class DeliveryInline(ReadOnlyInline):
    model = AlertDelivery
    fields = ["channel", "summary", "tries", "next_try_at", "delivered_at", "error"]


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts sent to staff, with the state of each delivery."""

    list_display = ["topic", "kind", "step", "opened_at", "closed_at"]
    list_filter = ["kind", "step", "opened_at"]
    search_fields = ["topic"]
    inlines = [DeliveryInline]


@admin.register(Breaker)
class BreakerAdmin(ReadOnlyAdmin):
    """Circuit breakers of the services that sagas call."""

    list_display = ["name", "state", "failures", "failed_at", "opened_at", "probe_at"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """Processes that the shop needs, when each was last heard of, and its clock."""

    list_display = ["role", "process", "started_at", "seen_at", "clock_offset"]
    list_filter = ["role"]
