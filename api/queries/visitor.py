"""Queries of the visitor's cart and orders."""

from uuid import UUID

import strawberry

from api.context import Info
from api.errors import Fault, RequestRefused
from api.types.cart import Cart, cart_of
from api.types.orders import (
    Order,
    OrderConnection,
    OrderEdge,
    order_of,
    summary_of,
)
from api.types.pages import edges_of, read_slice
from checkout.my_page.selectors import PER_PAGE
from orders import models


@strawberry.type
class VisitorQuery:
    @strawberry.field(description="Without an id the cart of the visitor's cookie.")
    def cart(self, info: Info, id: UUID | None = None) -> Cart | None:  # noqa: A002
        found = info.context.find_cart(id)
        return cart_of(found) if found else None

    @strawberry.field(description="By its secret uid.")
    def order(self, uid: UUID) -> Order | None:
        found = models.Order.objects.filter(uid=uid).first()
        return order_of(found) if found else None

    @strawberry.field(description="Of the customer who is signed in, newest first.")
    def my_orders(
        self, info: Info, first: int = PER_PAGE, after: str | None = None
    ) -> OrderConnection:
        customer = info.context.customer
        if customer is None:
            message = "Sign in at /account/ and send the session's cookie."
            raise RequestRefused(Fault.NOT_SIGNED_IN, message)
        rows = models.Order.objects.filter(customer_id=customer.pk)
        rows = rows.select_related("payment", "shipment").prefetch_related("lines")
        part = read_slice(rows.order_by("-placed_at", "-pk"), first, after, PER_PAGE)

        def edge(cursor: str, row: models.Order) -> OrderEdge:
            return OrderEdge(cursor=cursor, node=summary_of(row))

        return OrderConnection(edges=edges_of(part, edge), page_info=part.info)
