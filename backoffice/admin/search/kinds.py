"""What the search finds: one kind of row each, with its page and who may open it.

Each kind reads at most SHOWN + 1 rows with one query, which an index answers; products
are few and read whole. Orders found by a tracking number or an ID of Stripe cost up to
two queries more.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.admin.lists.search import (
    begins,
    build_condition,
    is_exact,
    is_of_payment,
)
from backoffice.models import StalledOrder
from checkout.webhooks.models import ProviderEvent
from inventory.models import StockItem
from orders.models import Dispute, Order, Refund
from shop.catalogue.models import Product
from shop.customers.models import Customer
from shop.formatting import Wording, moment

SHOWN = 20
_REFUND = re.compile(r"(?:re|pyr)_\S+")
_DISPUTE = re.compile(r"(?:dp|du)_\S+")
_EVENT = re.compile(r"evt_\S+")
_SKU = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]*)*", re.IGNORECASE)


@dataclass(frozen=True)
class Hit:
    """One row found. ``is_exact`` if the text names this row and no other."""

    name: str
    about: str
    url: str
    is_exact: bool


@dataclass(frozen=True)
class Section:
    """The hits of one kind; ``has_more`` if there are more than are shown."""

    title: Wording
    hits: list[Hit]
    has_more: bool


@dataclass(frozen=True)
class Kind:
    """``pages`` are the models whose pages show such a row, the preferred first.

    Each comes with the name of its page's address.
    """

    title: Wording
    pages: tuple[tuple[type[Model], str], ...]
    find: Callable[[str], Iterable[Any]]
    describe: Callable[[Any], tuple[str, str]]
    is_exact: Callable[[str, Any], bool]


def search(request: HttpRequest, typed: str) -> list[Section]:
    """Return what this user may open and the text finds, by kind."""
    sections = []
    for kind in KINDS:
        page = _allowed(request, kind)
        if not page:
            continue
        rows = list(kind.find(typed))
        if rows:
            hits = [_hit(kind, page, typed, row) for row in rows[:SHOWN]]
            sections.append(Section(kind.title, hits, len(rows) > SHOWN))
    return sections


def exact_url(sections: Sequence[Section]) -> str | None:
    """Return the page of the one row that the text names, of the first kind with one.

    None if the text names none, or several of one kind.
    """
    for section in sections:
        exact = [hit for hit in section.hits if hit.is_exact]
        if exact:
            return exact[0].url if len(exact) == 1 else None
    return None


def _allowed(request: HttpRequest, kind: Kind) -> str:
    """Return the address of the first page that this user may see; its admin decides.

    "" if there is none.
    """
    for model, page in kind.pages:
        if admin.site.get_model_admin(model).has_view_permission(request):
            return page
    return ""


def _hit(kind: Kind, page: str, typed: str, row: Any) -> Hit:
    name, about = kind.describe(row)
    url = reverse(f"admin:{page}_change", args=[row.pk])
    return Hit(name, about, url, kind.is_exact(typed, row))


def _orders(typed: str) -> Iterable[Order]:
    if _is_of_stripe(typed):
        return []
    found = Order.objects.filter(build_condition(typed)).order_by("-pk")
    if is_of_payment(typed):
        found = found.select_related("payment")
    return found[: SHOWN + 1]


def _is_of_stripe(typed: str) -> bool:
    others = (_REFUND, _DISPUTE, _EVENT)
    return any(pattern.fullmatch(typed) for pattern in others)


def _refunds(typed: str) -> Iterable[Refund]:
    if not _REFUND.fullmatch(typed):
        return []
    found = Refund.objects.filter(begins("refund_id", typed))
    return found.select_related("payment__order").order_by("refund_id")[: SHOWN + 1]


def _disputes(typed: str) -> Iterable[Dispute]:
    if not _DISPUTE.fullmatch(typed):
        return []
    found = Dispute.objects.filter(begins("dispute_id", typed))
    return found.order_by("dispute_id")[: SHOWN + 1]


def _events(typed: str) -> Iterable[ProviderEvent]:
    if not _EVENT.fullmatch(typed):
        return []
    found = ProviderEvent.objects.filter(begins("event_id", typed))
    return found.order_by("event_id")[: SHOWN + 1]


def _customers(typed: str) -> Iterable[Customer]:
    # An order is found by its name; of accounts only the address is known.
    if "@" not in typed:
        return []
    found = Customer.objects.filter(begins("email", typed.lower()))
    return found.order_by("email")[: SHOWN + 1]


def _stock(typed: str) -> Iterable[StockItem]:
    if not _SKU.fullmatch(typed):
        return []
    found = StockItem.objects.filter(begins("sku", typed.upper()))
    return found.order_by("sku")[: SHOWN + 1]


def _products(typed: str) -> Iterable[Product]:
    if _is_of_stripe(typed) or "@" in typed:
        return []
    found = Product.objects.matching(typed)
    return found.order_by("position", "pk")[: SHOWN + 1]


def _never(_typed: str, _row: Any) -> bool:
    return False


def _is(column: str) -> Callable[[str, Any], bool]:
    """Return whether the text is all of a row's ID, and not only its beginning."""
    return lambda typed, row: bool(getattr(row, column) == typed)


# The kind that comes first is opened if the text names a row of several.
KINDS = (
    Kind(
        _("Orders"),
        ((Order, "orders_order"), (StalledOrder, "backoffice_stalledorder")),
        _orders,
        lambda row: (
            row.number,
            f"{row.name}, {row.email}, {row.total}, {moment(row.placed_at)}",
        ),
        is_exact,
    ),
    Kind(
        _("Customers"),
        ((Customer, "customers_customer"),),
        _customers,
        lambda row: (row.email, moment(row.created_at)),
        lambda typed, row: bool(row.email == typed.lower()),
    ),
    Kind(
        _("Refunds"),
        ((Refund, "orders_refund"),),
        _refunds,
        lambda row: (f"{row.payment.order.number}, {row.amount}", row.refund_id),
        _is("refund_id"),
    ),
    Kind(
        _("Disputes"),
        ((Dispute, "orders_dispute"),),
        _disputes,
        lambda row: (str(row.amount), row.dispute_id),
        _is("dispute_id"),
    ),
    Kind(
        _("Stripe events"),
        ((ProviderEvent, "checkout_providerevent"),),
        _events,
        lambda row: (row.type, row.event_id),
        _is("event_id"),
    ),
    Kind(
        pgettext_lazy("goods", "Stock"),
        ((StockItem, "inventory_stockitem"),),
        _stock,
        lambda row: (row.sku, str(_("%(count)d free")) % {"count": row.free}),
        lambda typed, row: bool(row.sku == typed.upper()),
    ),
    Kind(
        _("Products"),
        ((Product, "catalogue_product"),),
        _products,
        lambda row: (row.name, ""),
        _never,
    ),
)
