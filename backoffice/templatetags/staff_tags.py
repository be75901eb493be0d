"""What every page of the staff's admin shows of the orders that wait."""

from typing import Any

from django import template
from django.utils import timezone

from backoffice import wording
from backoffice.admin.dashboard.metrics import read_board
from backoffice.admin.dashboard.worklist import Line, list_lines
from backoffice.order_overview import (
    count_stalled,
    read_overviews,
    select_stalled,
    stopped_since,
)
from checkout.announcements.services import ActiveAnnouncements, active_announcements
from checkout.status import money
from orders.models import Order
from shop import formatting

register = template.Library()

_SHOWN = 5


def _may_see(context: dict[str, Any]) -> bool:
    user = context["request"].user
    names = ("backoffice.view_stalledorder", "backoffice.resume_stalledorder")
    return bool(user.is_staff and any(user.has_perm(name) for name in names))


@register.simple_tag(takes_context=True)
def stalled_count(context: dict[str, Any]) -> int | None:
    """Count the orders that wait for a person; None for who may not see them."""
    return count_stalled() if _may_see(context) else None


@register.simple_tag
def announcements() -> ActiveAnnouncements:
    """Return what stands for customers to read: no secret to anybody."""
    return active_announcements()


@register.simple_tag(takes_context=True)
def worklist(context: dict[str, Any]) -> list[Line]:
    """Say what else needs somebody, as far as this person may know."""
    return list_lines(context["request"].user, timezone.now())


@register.inclusion_tag("admin/backoffice/_dashboard_metrics.html", takes_context=True)
def dashboard_metrics(context: dict[str, Any]) -> dict[str, Any]:
    """Show the numbers and their curves to who may see the orders."""
    if not _may_see(context):
        return {"may_see": False}
    return {"may_see": True, **read_board(timezone.now())}


@register.inclusion_tag("admin/backoffice/_stalled_orders.html", takes_context=True)
def stalled_orders(context: dict[str, Any]) -> dict[str, Any]:
    """Show the oldest of the orders that wait for a person."""
    if not _may_see(context):
        return {"may_see": False}
    orders = Order.objects.filter(number__in=select_stalled().values("reference"))
    oldest = orders.annotate(wanted_at=stopped_since()).order_by("wanted_at")
    count = count_stalled()
    rows = [
        {
            "overview": overview,
            "money": money.money(overview.payment, overview.saga),
            "failure": wording.failure(overview.saga),
            "age": formatting.age(overview.stopped_since)
            if overview.stopped_since
            else "",
        }
        for overview in (read_overviews(oldest[:_SHOWN]) if count else [])
    ]
    return {
        "may_see": True,
        "count": count,
        "rows": rows,
        "more": max(0, count - len(rows)),
    }
