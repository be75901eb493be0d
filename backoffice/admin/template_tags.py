"""Template tags of the staff's pages: rooms, stalled orders, worklist, metrics."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.contrib.admin.helpers import AdminReadonlyField
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from backoffice import permissions
from backoffice.admin.dashboard.line import Line
from backoffice.admin.dashboard.metrics import read_board
from backoffice.admin.dashboard.waiting import count_waiting, write_count
from backoffice.admin.dashboard.worklist import list_lines
from backoffice.admin.first_steps.steps import list_steps, may_set_up
from backoffice.admin.rooms.rooms import OpenRoom, list_models, open_rooms
from backoffice.order_overview import (
    count_stalled,
    read_overviews,
    select_stalled,
    stopped_since,
)
from checkout.announcements.services import ActiveAnnouncements, active_announcements
from checkout.status import money
from checkout.status.sagas import order_number
from orders.models import Order
from shop import database_clock, formatting
from shop.database.money_column import MoneyColumn
from shop.money import Money

register = template.Library()

_SHOWN = 5
# The rooms are kept at the request: the menu, the header and the first page show them.
_ROOMS = "_staff_rooms"


def _may_see(context: dict[str, Any]) -> bool:
    user = context["request"].user
    names = (permissions.VIEW_STALLED, permissions.RESUME_STALLED)
    return bool(user.is_staff and any(user.has_perm(name) for name in names))


@register.filter
def contents(field: AdminReadonlyField) -> str:
    """Return what a field shows that may not be changed: money as people write it."""
    row, name = field.form.instance, str(field.field["field"])
    column = getattr(getattr(type(row), name, None), "field", None)
    amount = getattr(row, name) if isinstance(column, MoneyColumn) else None
    if amount is None:
        return str(field.contents())
    return formatting.price(Money(amount, getattr(row, "currency", settings.CURRENCY)))


@register.simple_tag(takes_context=True)
def rooms(context: dict[str, Any]) -> list[OpenRoom]:
    """Return the rooms with the lists that this user may open, and what waits there.

    Twice on a page is one statement.
    """
    request = context["request"]
    if _ROOMS not in vars(request):
        models = list_models(context.get("available_apps") or [])
        vars(request)[_ROOMS] = open_rooms(models, request.path, count_waiting(models))
    found: list[OpenRoom] = vars(request)[_ROOMS]
    return found


@register.simple_tag(takes_context=True)
def stalled_count(context: dict[str, Any]) -> int | None:
    """Return the number of stalled orders; None for users who may not see them."""
    if not _may_see(context):
        return None
    listed = reverse("admin:backoffice_stalledorder_changelist")
    links = (link for room in rooms(context) for link in room.links)
    return next((link.waiting for link in links if link.url == listed), 0)


@register.filter
def waiting(count: int) -> str:
    """Return how a badge of the menu writes a count: at most 999+."""
    return write_count(count)


@register.simple_tag
def announcements() -> ActiveAnnouncements:
    """Return the active pause and banner, for all staff."""
    return active_announcements()


@register.simple_tag(takes_context=True)
def first_steps(context: dict[str, Any]) -> int:
    """Return how many first steps are left; 0 in a demo, and for who takes none."""
    if settings.DEMO or not may_set_up(context["request"].user):
        return 0
    return sum(not step.is_done for step in list_steps())


@register.simple_tag(takes_context=True)
def worklist(context: dict[str, Any]) -> list[Line]:
    """Return the lines of the worklist that this user may see."""
    return list_lines(context["request"].user, database_clock.read())


@register.inclusion_tag("admin/backoffice/_dashboard_metrics.html", takes_context=True)
def dashboard_metrics(context: dict[str, Any]) -> dict[str, Any]:
    """Show the metrics to users who may see stalled orders."""
    if not _may_see(context):
        return {"may_see": False}
    return {"may_see": True, **read_board(database_clock.read())}


@register.inclusion_tag("admin/backoffice/_stalled_orders.html", takes_context=True)
def stalled_orders(context: dict[str, Any]) -> dict[str, Any]:
    """Show the oldest stalled orders to users who may see them."""
    if not _may_see(context):
        return {"may_see": False}
    numbers = select_stalled().values(of_order=order_number())
    orders = Order.objects.filter(number__in=numbers)
    oldest = orders.annotate(wanted_at=stopped_since()).order_by("wanted_at")
    count = count_stalled()
    rows = [
        {
            "overview": overview,
            "money": money.money(overview.payment, overview.saga),
            "failure": overview.failure,
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


@register.simple_tag
def chosen_filters(cl: Any) -> list[str]:
    """Return the choices that narrow a list, each as ``filter: choice``."""
    return [
        f"{capfirst(spec.title)}: {choice['display']}"
        for spec in cl.filter_specs
        for place, choice in enumerate(spec.choices(cl))
        if choice.get("selected") and place
    ]


@register.filter
def name_cells(
    cells: Iterable[SafeString], headers: Iterable[dict[str, Any]]
) -> list[SafeString]:
    """Return the cells of a list's row, each with its column's name as an attribute.

    The heading of the row, which is a link, and the box to tick need none.
    """
    named = []
    for cell, header in zip(cells, headers, strict=False):
        name = capfirst(str(header["text"]))
        is_plain = cell.startswith("<td") and "action-checkbox" not in cell[:40]
        attribute = format_html(' data-label="{}"', name)
        named.append(
            SafeString(f"<td{attribute}{cell[3:]}") if is_plain and name else cell
        )
    return named


@register.simple_tag
def shop_zone() -> str:
    """Return the time zone in which the admin's pages show times."""
    return formatting.zone_name(database_clock.read())
