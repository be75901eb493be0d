"""Predefined groups of staff: what each kind of member may see and do."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from backoffice import permissions
from backoffice.models import GivenPermission

_VIEWED = {
    "backoffice": ["stalledorder", "ordernote", "flow"],
    "checkout": [
        "ordermail",
        "restockrequest",
        "enquiry",
        "enquiryanswer",
        "providerevent",
        "webhookproblem",
        "mismatch",
        "reconciliationrun",
        "announcement",
        "waitingroom",
        "client",
        "issuedpaper",
        "warehouseorder",
        "warehousereport",
        "warehouseproblem",
        "discount",
        "couponcode",
        "purchaselimit",
    ],
    "customers": ["customer"],
    "events": ["event", "delivery"],
    "flows": [
        *("dailyclose", "pricecampaign", "campaignprice"),
        *("stocktake", "stockcount", "productimport", "importline"),
        "erasurerequest",
    ],
    "inventory": ["stockitem", "hold", "movement"],
    "orders": [
        "order",
        "orderline",
        "payment",
        "paymentattempt",
        "shipment",
        "orderevent",
        "orderchange",
        "refund",
        "refundline",
        "dispute",
        "shortage",
        "shortageline",
        "cancellation",
        "return",
        "returnline",
        "exchange",
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
    permissions.CORRECT_ORDER,
    permissions.ISSUE_PAPER,
    permissions.SETTLE_SHORTAGE,
    permissions.DECIDE_CANCELLATION,
    permissions.HANDLE_RETURN,
    permissions.ANSWER_ENQUIRY,
    permissions.EXPLAIN_MISMATCH,
    permissions.PAUSE_CHECKOUT,
    permissions.MANAGE_WAITING_ROOMS,
    permissions.RETRY_WEBHOOKS,
    permissions.RETRY_DELIVERIES,
    permissions.FREE_HOLD,
    permissions.CHANGE_STOCK,
    permissions.VIEW_CUSTOMER,
    "flows.run_erasure",
    # Who has counted does not approve: a second person does.
    *(f"flows.{act}_stocktake" for act in ("add", "count", "approve")),
    # To pause one that was entered wrongly.
    "checkout.change_discount",
    "checkout.change_couponcode",
]
_REFUNDER = [
    *_VIEWER,
    permissions.REFUND,
    permissions.DECIDE_CANCELLATION,
    permissions.HANDLE_RETURN,
    permissions.ISSUE_PAPER,
    permissions.WRITE_NOTE,
]
_ACCOUNTANT = [
    permissions.VIEW_SALES,
    permissions.EXPORT_ACCOUNTS,
    "backoffice.view_accountsexport",
    "backoffice.view_flow",
    "flows.view_dailyclose",
    "checkout.view_accountmovement",
]
# What shopkeepers add, change and remove; stock and orders they only see.
_KEPT = {
    "catalogue": [
        *("category", "product", "variant", "picture", "homebanner"),
        "bundlepart",
    ],
    "checkout": [
        *("discount", "couponcode", "purchaselimit"),
        *("shippingmethod", "shippingrate", "pickupplace", "zonetransit"),
        *("unservedprefecture", "shippingzone", "zoneprefecture", "specialday"),
        "deliverycountry",
    ],
}
_SHOPKEEPER = [
    *(
        f"{app}.{act}_{model}"
        for app, models in _KEPT.items()
        for model in models
        for act in ("view", "add", "change", "delete")
    ),
    *(
        "checkout.view_enquiry",
        "checkout.view_enquiryanswer",
        permissions.ANSWER_ENQUIRY,
        # Before a launch, which they prepare.
        "checkout.view_waitingroom",
        permissions.MANAGE_WAITING_ROOMS,
    ),
    # What is published is kept: each change adds a version.
    *("pages.view_pageversion", "pages.add_pageversion"),
    *(f"profile.{act}_shopprofile" for act in ("view", "add", "change")),
    "backoffice.view_flow",
    *(f"flows.{act}_pricecampaign" for act in ("view", "add")),
    "flows.view_campaignprice",
    # The working days are one row.
    *(f"checkout.{act}_workingcalendar" for act in ("view", "add", "change")),
    *(f"inventory.view_{model}" for model in ("stockitem", "movement")),
    *(f"orders.view_{model}" for model in _VIEWED["orders"]),
]
# Who connects other systems. An endpoint sends what happens in the shop elsewhere.
_INTEGRATOR = [
    *("events.view_event", "events.view_delivery", permissions.RETRY_DELIVERIES),
    *(f"outgoing.{act}_endpoint" for act in ("view", "add", "change", "delete")),
    "outgoing.view_attempt",
    *("backoffice.view_apitoken", permissions.MAKE_TOKEN, permissions.REVOKE_TOKEN),
]
# Group's name -> permissions, as user.has_perm takes them.
GROUPS = {
    "Viewer": _VIEWER,
    "Operator": _OPERATOR,
    "Refunder": _REFUNDER,
    "Accountant": _ACCOUNTANT,
    "Shopkeeper": _SHOPKEEPER,
    "Integrator": _INTEGRATOR,
}


@dataclass(frozen=True)
class Change:
    """What was done to a group: set as a whole, or given some permissions more."""

    group: str
    is_whole: bool
    given: list[str]


@transaction.atomic
def make_groups(*, reset: bool = False) -> list[Change]:
    """Create the missing groups, and give existing ones what is new; return that.

    A permission is given to a group once, when a version brings it: what administrators
    gave or took away since then stays, unless ``reset``. Twice is once.
    """
    changes = []
    for name, wanted in GROUPS.items():
        group, is_new = Group.objects.get_or_create(name=name)
        is_whole = is_new or reset
        before = GivenPermission.objects.filter(group=group)
        known = set(before.values_list("permission", flat=True))
        given = wanted if is_whole else [one for one in wanted if one not in known]
        if is_whole:
            group.permissions.set(_permissions(given))
        else:
            group.permissions.add(*_permissions(given))
        # Another host may prepare the same database at this moment.
        GivenPermission.objects.bulk_create(
            (GivenPermission(group=group, permission=one) for one in given),
            ignore_conflicts=True,
        )
        if given:
            changes.append(Change(name, is_whole, given))
    return changes


def _permissions(names: list[str]) -> list[Permission]:
    """Return the named permissions. Raises LookupError if one does not exist."""
    chosen = Q(pk__in=[])
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
