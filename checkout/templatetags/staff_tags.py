"""What every page of the staff's admin shows of the orders that wait."""

from typing import Any

from django import template
from django.utils import timezone

from checkout import words
from checkout.admin.attention import Line, lines
from checkout.admin.tiles import board
from checkout.announcements import Standing, standing
from checkout.cases import (
    count_wanting_somebody,
    read_cases,
    stopped_since,
    wanting_somebody,
)
from orders.models import Order

register = template.Library()

_SHOWN = 5


def _may_see(context: dict[str, Any]) -> bool:
    user = context["request"].user
    names = ("checkout.view_stalledorder", "checkout.resume_stalledorder")
    return bool(user.is_staff and any(user.has_perm(name) for name in names))


@register.simple_tag(takes_context=True)
def stalled_count(context: dict[str, Any]) -> int | None:
    """Count the orders that wait for a person; None for who may not see them."""
    return count_wanting_somebody() if _may_see(context) else None


@register.simple_tag
def announced() -> Standing:
    """Return what stands for customers to read: no secret to anybody."""
    return standing()


@register.simple_tag(takes_context=True)
def attention_lines(context: dict[str, Any]) -> list[Line]:
    """Say what else needs somebody, as far as this person may know."""
    return lines(context["request"].user, timezone.now())


@register.inclusion_tag("admin/checkout/_board.html", takes_context=True)
def board_of_numbers(context: dict[str, Any]) -> dict[str, Any]:
    """Show the numbers and their curves to who may see the orders."""
    if not _may_see(context):
        return {"may_see": False}
    return {"may_see": True, **board(timezone.now())}


@register.inclusion_tag("admin/checkout/_needs_attention.html", takes_context=True)
def needs_attention(context: dict[str, Any]) -> dict[str, Any]:
    """Show the oldest of the orders that wait for a person."""
    if not _may_see(context):
        return {"may_see": False}
    orders = Order.objects.filter(number__in=wanting_somebody().values("reference"))
    oldest = orders.annotate(wanted_at=stopped_since()).order_by("wanted_at")
    count = count_wanting_somebody()
    rows = [
        {
            "case": case,
            "money": words.money(case.payment, case.saga),
            "failure": words.failure(case.saga),
            "age": words.age(case.stopped_since) if case.stopped_since else "",
        }
        for case in (read_cases(oldest[:_SHOWN]) if count else [])
    ]
    return {
        "may_see": True,
        "count": count,
        "rows": rows,
        "more": max(0, count - len(rows)),
    }
