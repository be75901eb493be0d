"""The rooms of the admin: its lists, grouped by what people do in the shop.

A list that no room names stands in the last room, Technical. Its address stays that of
its model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Room:
    """A group of lists. ``models`` are ``app.model``, the most used first."""

    title: Promise
    models: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A list in the menu. ``waiting``: how much there needs staff."""

    name: str
    url: str
    is_here: bool
    waiting: int = 0


@dataclass(frozen=True)
class OpenRoom:
    """A room as one person sees it: only the lists that this person may open.

    ``page`` is the list with the room's own name, and not among ``links``. The first
    page of the admin is the page of the room ``is_front``.
    """

    title: Promise
    is_front: bool
    is_technical: bool
    page: Link | None = None
    links: list[Link] = field(default_factory=list)

    @property
    def is_here(self) -> bool:
        return any(link.is_here for link in self.links)

    @property
    def waiting(self) -> int:
        """Return how much waits in all lists of the room."""
        return sum(link.waiting for link in self.links)


ROOMS = (
    Room(
        _("Needs attention"),
        (
            "backoffice.stalledorder",
            "backoffice.flow",
            "orders.cancellation",
            "orders.shortage",
            "orders.return",
            "orders.dispute",
        ),
    ),
    Room(
        _("Orders"),
        ("orders.order", "orders.refund", "checkout.issuedpaper"),
    ),
    Room(_("To ship"), ("backoffice.ordertoship", "checkout.warehouseorder")),
    Room(
        _("Products"),
        (
            "catalogue.product",
            "catalogue.category",
            "catalogue.option",
            "backoffice.goodssheet",
            "flows.pricecampaign",
            "flows.productimport",
            "checkout.discount",
            "checkout.couponcode",
            "checkout.purchaselimit",
            "checkout.waitingroom",
        ),
    ),
    Room(_("Stock"), ("inventory.stockitem", "inventory.movement", "flows.stocktake")),
    Room(
        _("Customers"),
        (
            "customers.customer",
            "checkout.enquiry",
            "checkout.ordermail",
            "checkout.restockrequest",
            "flows.erasurerequest",
        ),
    ),
    Room(
        _("Reports"),
        (
            "backoffice.salesreport",
            "backoffice.accountsexport",
            "checkout.accountmovement",
            "flows.dailyclose",
            "checkout.mismatch",
        ),
    ),
    Room(
        _("Settings"),
        (
            "profile.shopprofile",
            "pages.pageversion",
            "catalogue.homebanner",
            "checkout.announcement",
            "checkout.shippingmethod",
            "checkout.shippingzone",
            "checkout.deliverycountry",
            "checkout.workingcalendar",
            "checkout.specialday",
            "outgoing.endpoint",
            "backoffice.apitoken",
            "auth.user",
            "auth.group",
        ),
    ),
)
TECHNICAL = Room(
    _("Technical"),
    (
        "saga.saga",
        "saga.attempt",
        "saga.alert",
        "saga.breaker",
        "saga.heartbeat",
        "inventory.hold",
        "checkout.providerevent",
        "checkout.webhookproblem",
        "checkout.reconciliationrun",
        "checkout.client",
        "checkout.warehousereport",
        "checkout.warehouseproblem",
        "events.event",
        "events.delivery",
        "outgoing.attempt",
    ),
)


def list_models(apps: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return ``app.model`` -> its list among ``apps``, of AdminSite.get_app_list."""
    return {
        f"{app['app_label']}.{model['object_name'].lower()}": model
        for app in apps
        for model in app["models"]
        if model["admin_url"]
    }


def open_rooms(
    models: Mapping[str, dict[str, Any]], path: str, waiting: Mapping[str, int]
) -> list[OpenRoom]:
    """Return the rooms with the lists of ``models``, which ``list_models`` gives.

    The list that holds the page at ``path`` is marked. ``waiting`` says how much waits
    in which list. Rooms without a list are left out.
    """
    links = {
        name: Link(
            model["name"],
            model["admin_url"],
            path.startswith(model["admin_url"]),
            waiting.get(name, 0),
        )
        for name, model in models.items()
    }
    rooms = []
    for room in (*ROOMS, TECHNICAL):
        names = room.models
        if room is TECHNICAL:
            placed = {name for each in ROOMS for name in each.models}
            others = [name for name in links if name not in {*placed, *names}]
            names = (*names, *others)
        found = [links[name] for name in names if name in links]
        if found:
            is_named = capfirst(found[0].name) == str(room.title)
            page = found.pop(0) if is_named else None
            is_front, is_technical = room is ROOMS[0], room is TECHNICAL
            rooms.append(OpenRoom(room.title, is_front, is_technical, page, found))
    return rooms
