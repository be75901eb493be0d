"""Reads of the stock."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery

from inventory.models import Hold, Movement, StockItem


def free_by_sku(skus: Iterable[str]) -> dict[str, int]:
    """Return SKU -> free units; a SKU that was never received is absent."""
    rows = StockItem.objects.filter(sku__in=list(skus))
    return dict(rows.values_list("sku", F("on_hand") - F("held")))


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
