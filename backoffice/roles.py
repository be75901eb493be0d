"""Predefined groups of staff: viewers, operators, refunders."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from backoffice import permissions

_VIEWED = {
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
_VIEWER = [f"{app}.view_{model}" for app, models in _VIEWED.items() for model in models]
_OPERATOR = [
    *_VIEWER,
    permissions.RESUME_STALLED,
    permissions.SETTLE_STALLED,
    permissions.CANCEL_STALLED,
    permissions.WRITE_NOTE,
    permissions.RESEND_MAIL,
    permissions.RELEASE_ORDER,
    permissions.SHIP_ORDER,
    permissions.SETTLE_SHORTAGE,
    permissions.EXPLAIN_MISMATCH,
    permissions.PAUSE_CHECKOUT,
    "inventory.change_stockitem",
]
_REFUNDER = [*_VIEWER, permissions.REFUND, permissions.WRITE_NOTE]
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
