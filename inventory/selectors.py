"""Reads of the stock."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery, Value

from inventory.models import Hold, Movement, StockItem
from shop.catalogue.models import BundlePart


def free_by_sku(skus: Iterable[str]) -> dict[str, int]:
    """Return SKU -> free units; a SKU that was never received is absent."""
    rows = StockItem.objects.filter(sku__in=list(skus))
    return dict(rows.values_list("sku", F("on_hand") - F("held")))


def sellable_by_sku(skus: Iterable[str]) -> dict[str, int]:
    """Return SKU -> units that can be sold: of a bundle, as many as its parts make.

    One statement. A SKU that was never received, and is no bundle, is absent.
    """
    wanted = list(skus)
    items = StockItem.objects.filter(sku__in=wanted).order_by()
    own = items.values_list("sku", F("on_hand") - F("held"), Value(0))
    parts = BundlePart.objects.filter(bundle__variants__sku__in=wanted).order_by()
    rows = parts.values_list(
        "bundle__variants__sku", free_of("variant__sku"), F("quantity")
    )
    found: dict[str, int] = {}
    bundles: dict[str, list[int]] = {}
    for sku, free, in_each in own.union(rows, all=True):
        if in_each:
            bundles.setdefault(sku, []).append((free or 0) // in_each)
        else:
            found[sku] = free
    return found | {sku: min(free) for sku, free in bundles.items()}


def counts_by_sku(skus: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return SKU -> units on hand, and free ones; absent if never received."""
    rows = StockItem.objects.filter(sku__in=list(skus))
    found = rows.values_list("sku", "on_hand", F("on_hand") - F("held"))
    return {sku: (on_hand, free) for sku, on_hand, free in found}


def free_of(sku: str) -> Subquery:
    """Return a subquery: free units of the SKU in the field named ``sku``, or null."""
    rows = StockItem.objects.filter(sku=OuterRef(sku))
    return Subquery(rows.values(free=F("on_hand") - F("held")))


def shipped_out(reference: str) -> dict[str, int]:
    """Return SKU -> units that were shipped for ``reference``."""
    rows = Movement.objects.filter(kind=Movement.Kind.SHIP_OUT, reference=reference)
    return {sku: -moved for sku, moved in rows.values_list("item__sku", "quantity")}


def with_free(quantity: int) -> QuerySet[StockItem, str]:
    """Return the SKUs of which at least ``quantity`` units are free."""
    rows = StockItem.objects.filter(on_hand__gte=F("held") + quantity)
    return rows.values_list("sku", flat=True)


def held_until(reference: str) -> datetime | None:
    """Return until when all units of an unpaid hold are held; None: none is."""
    rows = Hold.objects.releasable().filter(reference=reference)
    return rows.order_by("expires_at").values_list("expires_at", flat=True).first()


def shelves(skus: Iterable[str]) -> dict[str, str]:
    """Return SKU -> shelf, of the stock items that have one."""
    rows = StockItem.objects.filter(sku__in=list(skus)).exclude(shelf="")
    return dict(rows.values_list("sku", "shelf"))
