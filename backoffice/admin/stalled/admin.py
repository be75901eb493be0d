"""The list of stalled orders, which wait for staff."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import wording
from backoffice.admin.failure_groups.views import GroupPages
from backoffice.admin.lists.changelist import SagaChangeList, saga_on, state_badge
from backoffice.admin.lists.search import MOST, QuickList
from backoffice.admin.order.views import OrderPages
from backoffice.admin.stalled import filters
from backoffice.admin.stalled.filters import ErrorFilter, StateFilter, StepFilter
from backoffice.admin.stalled.views import MOST_AT_ONCE, ResumePages
from backoffice.models import StalledOrder
from backoffice.order_overview import stopped_since
from checkout.status import failures, money
from orders.models import Order
from saga.models import State
from shop import formatting


@admin.register(StalledOrder)
class StalledOrderAdmin(QuickList, ResumePages, OrderPages, GroupPages):
    list_display = [
        "number",
        "waiting_since",
        "customer",
        "total_price",
        "money_taken",
        "saga_state",
        "failed_step",
        "error_text",
        "tries",
        "next_action",
    ]
    list_filter = [StateFilter, StepFilter, ErrorFilter, "placed_at"]
    list_select_related = ["payment"]
    actions = ["resume_selected"]
    change_list_template = "admin/backoffice/stalledorder/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StalledOrder]:
        rows = filters.choose_orders(request)
        if filters.read_state(request):
            return rows
        return rows.annotate(wanted_at=stopped_since())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        titles = {"": gettext("Stalled orders"), filters.ALL: gettext("All orders")}
        state = filters.read_state(request)
        context = {
            "title": titles.get(state) or gettext("Orders by state"),
            "state": state,
            "most": MOST,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        # There is an index for this order, which a date narrows as well.
        return ["-placed_at"] if filters.read_state(request) else ["wanted_at"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return SagaChangeList

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_resume_permission(request) or super().has_view_permission(
            request, obj
        )

    def action_checkbox(self, obj: Order) -> SafeString:
        """Return the same HTML as Django, without a template.

        Templates would take a fifth of the page's time.
        """
        label = gettext("Select this object for an action - {}").format(obj)
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select"'
            ' aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            obj.pk,
            label,
        )

    @admin.display(description=_("customer"))
    def customer(self, order: Order) -> str:
        return order.name

    @admin.display(description=_("total"))
    def total_price(self, order: Order) -> str:
        return formatting.price(order.total)

    @admin.display(description=_("money"))
    def money_taken(self, order: Order) -> str:
        saga = saga_on(order)
        if saga is None:
            return "-"
        state, text = money.money(order.payment, saga)
        return format_html('<span class="badge money-{}">{}</span>', state, text)

    @admin.display(description=_("stopped at"))
    def failed_step(self, order: Order) -> str:
        saga = saga_on(order)
        if saga is None:
            return "-"
        if saga.state in (State.DONE, State.COMPENSATED):
            return "-"
        title = wording.step_title(saga.step)
        if saga.state == State.FAILED or saga.alert_wanted_at is None:
            return title
        if saga.state == State.WAITING:
            return gettext("%(step)s (waits for staff)") % {"step": title}
        return gettext("%(step)s (still trying)") % {"step": title}

    @admin.display(description=_("what happened"))
    def error_text(self, order: Order) -> str:
        saga = saga_on(order)
        if saga is None or not saga.error:
            return "-"
        return format_html(
            '{}<br><span class="quiet technical">{}</span>',
            failures.cause(saga),
            saga.error[:160],
        )

    @admin.display(description=_("tries"))
    def tries(self, order: Order) -> str:
        saga = saga_on(order)
        return str(saga.attempt) if saga else "-"

    @admin.display(description=_("age"))
    def waiting_since(self, order: Order) -> str:
        """Return how long it has waited for staff, else how old the order is."""
        saga = saga_on(order)
        since = saga and (saga.failed_at or saga.alert_wanted_at)
        return formatting.age(since or order.placed_at)

    @admin.display(description=_("state"))
    def saga_state(self, order: Order) -> str:
        saga = saga_on(order)
        if saga is None:
            return "-"
        return state_badge(saga)

    @admin.display(description=_("what happens next"))
    def next_action(self, order: Order) -> str:
        saga = saga_on(order)
        return wording.next_action(saga) if saga else "-"

    @admin.action(description=_("Resume from the failed step"), permissions=["resume"])
    def resume_selected(
        self, request: HttpRequest, queryset: QuerySet[StalledOrder]
    ) -> HttpResponse:
        """Redirect to the page that previews resuming the chosen orders."""
        chosen = list(queryset.order_by("wanted_at").values_list("pk", flat=True))
        if len(chosen) > MOST_AT_ONCE:
            text = gettext("Only the oldest %(count)d are resumed at one time.")
            self.message_user(request, text % {"count": MOST_AT_ONCE}, messages.WARNING)
        picked = "&".join(f"order={pk}" for pk in chosen[:MOST_AT_ONCE])
        return redirect(f"{reverse('admin:backoffice_stalledorder_resume')}?{picked}")
