"""Queries of staff: orders, stock and customers."""

from datetime import UTC, datetime
from typing import Any

import strawberry
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from api.staff.context import Info
from api.staff.types.customers import Customer, CustomerConnection, CustomerEdge
from api.staff.types.goods import StockConnection, StockEdge, StockItem, stock_of
from api.staff.types.orders import (
    Batch,
    Order,
    OrderConnection,
    OrderEdge,
    OrderFilter,
    OrderSummary,
    order_of,
)
from api.types.pages import edges_of, read_slice
from backoffice import permissions
from backoffice.order_overview import select_stalled
from backoffice.tokens.scopes import Scope
from inventory import models as inventory
from orders import models as orders
from shop.customers import models as customers

PER_PAGE = 50
# Before and after every order.
_FIRST = datetime(1971, 1, 1, tzinfo=UTC)
_LAST = datetime(9998, 1, 1, tzinfo=UTC)


@strawberry.type
class Query:
    @strawberry.field(description="Newest first. Needs orders:read.")
    def orders(
        self,
        info: Info,
        first: int = PER_PAGE,
        after: str | None = None,
        filter: OrderFilter | None = None,  # noqa: A002 (the schema's word)
    ) -> OrderConnection:
        info.context.require(Scope.ORDERS_READ, permissions.VIEW_ORDER)
        rows = orders.Order.objects.select_related("payment", "shipment")
        rows = _filtered(rows.prefetch_related("lines"), filter)
        part = read_slice(rows.order_by("-placed_at", "-pk"), first, after)
        batch = Batch(part.rows)

        def edge(cursor: str, row: orders.Order) -> OrderEdge:
            return OrderEdge(cursor=cursor, node=OrderSummary(row=row, batch=batch))

        return OrderConnection(edges=edges_of(part, edge), page_info=part.info)

    @strawberry.field(description="By its number. Needs orders:read.")
    def order(self, info: Info, number: str) -> Order | None:
        info.context.require(Scope.ORDERS_READ, permissions.VIEW_ORDER)
        found = orders.Order.objects.filter(number=number).first()
        return order_of(found) if found else None

    @strawberry.field(description="By SKU. Needs stock:read.")
    def stock(
        self,
        info: Info,
        first: int = PER_PAGE,
        after: str | None = None,
        low: bool = False,
    ) -> StockConnection:
        info.context.require(Scope.STOCK_READ, permissions.VIEW_STOCK)
        rows = inventory.StockItem.objects.order_by("sku")
        if low:
            rows = rows.filter(on_hand__lte=F("held") + F("low_at"))
        part = read_slice(rows, first, after)

        def edge(cursor: str, row: inventory.StockItem) -> StockEdge:
            return StockEdge(cursor=cursor, node=stock_of(row))

        return StockConnection(edges=edges_of(part, edge), page_info=part.info)

    @strawberry.field(description="Needs stock:read.")
    def stock_item(self, info: Info, sku: str) -> StockItem | None:
        info.context.require(Scope.STOCK_READ, permissions.VIEW_STOCK)
        found = inventory.StockItem.objects.filter(sku=sku).first()
        return stock_of(found) if found else None

    @strawberry.field(description="Newest first. Needs customers:read.")
    def customers(
        self,
        info: Info,
        first: int = PER_PAGE,
        after: str | None = None,
        email: str | None = None,
    ) -> CustomerConnection:
        info.context.require(Scope.CUSTOMERS_READ, permissions.VIEW_CUSTOMER)
        rows = customers.Customer.objects.annotate(placed=_orders_placed())
        if email is not None:
            rows = rows.filter(email=email.strip().lower())
        part = read_slice(rows.order_by("-created_at", "-pk"), first, after)

        def edge(cursor: str, row: Any) -> CustomerEdge:
            return CustomerEdge(cursor=cursor, node=_customer(row))

        return CustomerConnection(edges=edges_of(part, edge), page_info=part.info)


def _filtered(
    rows: QuerySet[orders.Order], wanted: OrderFilter | None
) -> QuerySet[orders.Order]:
    if wanted is None:
        return rows
    bounds: dict[str, Any] = {
        "status": wanted.status and wanted.status.value,
        "shipment__status": wanted.shipment and wanted.shipment.value,
        "placed_at__gte": _kept(wanted.placed_from),
        "placed_at__lt": _kept(wanted.placed_before),
    }
    rows = rows.filter(**{name: one for name, one in bounds.items() if one is not None})
    if wanted.stalled is None:
        return rows
    stalled = select_stalled().order_by().values("reference")
    if wanted.stalled:
        return rows.filter(number__in=stalled)
    return rows.exclude(number__in=stalled)


def _kept(moment: datetime | None) -> datetime | None:
    """Return a time that both databases can compare; one without a zone is local."""
    if moment is None or _FIRST.year < moment.year < _LAST.year:
        is_naive = moment is not None and timezone.is_naive(moment)
        return timezone.make_aware(moment) if moment and is_naive else moment
    return _FIRST if moment.year <= _FIRST.year else _LAST


def _orders_placed() -> Coalesce:
    mine = orders.Order.objects.filter(customer_id=OuterRef("pk")).order_by()
    counted = mine.values("customer_id").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _customer(row: Any) -> Customer:
    return Customer(
        id=strawberry.ID(str(row.pk)),
        email=row.email,
        language=row.language,
        created_at=row.created_at,
        orders=row.placed,
    )
