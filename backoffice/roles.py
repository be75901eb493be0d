"""Predefined groups of staff: viewers, operators, refunders."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

_LOOKS_AT = {
    "backoffice": ["stalledorder", "ordernote"],
    "checkout": [
        "ordermail",
        "providerevent",
        "mismatch",
        "reconciliationrun",
        "announcement",
    ],
    "inventory": ["stockitem", "hold", "movement"],
    "orders": [
        "order",
        "orderline",
        "payment",
        "shipment",
        "orderevent",
        "refund",
        "refundline",
        "dispute",
        "shortage",
        "shortageline",
    ],
    "saga": ["saga", "attempt", "alert", "alertdelivery", "breaker", "heartbeat"],
}
_VIEWER = [
    f"{app}.view_{model}" for app, models in _LOOKS_AT.items() for model in models
]
_OPERATOR = [
    *_VIEWER,
    "backoffice.resume_stalledorder",
    "backoffice.settle_stalledorder",
    "backoffice.cancel_stalledorder",
    "backoffice.note_stalledorder",
    "checkout.resend_ordermail",
    "orders.release_order",
    "orders.ship_order",
    "orders.settle_shortage",
    "checkout.explain_mismatch",
    "checkout.pause_checkout",
    "inventory.change_stockitem",
]
_REFUNDER = [*_VIEWER, "orders.refund", "backoffice.note_stalledorder"]
# Group's name -> permissions, as user.has_perm takes them.
GROUPS = {"Viewer": _VIEWER, "Operator": _OPERATOR, "Refunder": _REFUNDER}


def make_groups(*, reset: bool = False) -> list[str]:
    """Create the missing groups; return the names of those that were set.

    An existing group keeps the permissions that administrators gave it, unless
    ``reset``.
    """
    made = []
    for name, wanted in GROUPS.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new or reset:
            group.permissions.set(_permissions(wanted))
            made.append(name)
    return made


def _permissions(names: list[str]) -> list[Permission]:
    """Return the named permissions. Raises LookupError if one does not exist."""
    chosen = Q()
    for name in names:
        app, codename = name.split(".")
        chosen |= Q(content_type__app_label=app, codename=codename)
    found = list(Permission.objects.filter(chosen).select_related("content_type"))
    known = {f"{one.content_type.app_label}.{one.codename}" for one in found}
    missing = sorted(set(names) - known)
    if missing:
        message = f"no such permission: {', '.join(missing)}; run manage.py migrate"
        raise LookupError(message)
    return found
