"""The stock, as its pages show it."""

import strawberry
from strawberry.relay import PageInfo

from inventory.models import StockItem as Row


@strawberry.type(description="The counters of one SKU.")
class StockItem:
    sku: str
    on_hand: int
    held: int = strawberry.field(description="Of those on hand: promised to orders.")
    free: int
    awaited: int = strawberry.field(
        description="Announced for pre-orders, and not here yet."
    )
    low_at: int
    shelf: str


@strawberry.type
class StockEdge:
    cursor: str
    node: StockItem


@strawberry.type
class StockConnection:
    edges: list[StockEdge]
    page_info: PageInfo


def stock_of(row: Row) -> StockItem:
    return StockItem(
        sku=row.sku,
        on_hand=row.on_hand,
        held=row.held,
        free=row.free,
        awaited=row.awaited,
        low_at=row.low_at,
        shelf=row.shelf,
    )
