"""What an order consists of, and what became of its goods and money."""

from datetime import datetime

import strawberry

from api.types.money import Money, money_of
from orders import models


@strawberry.type
class OrderLine:
    sku: str
    name: str
    variant: str
    picture: str
    quantity: int
    unit: Money
    total: Money = strawberry.field(description="Of all units, before the discount.")
    discount: Money
    tax_rate: int


def line_of(row: models.OrderLine) -> OrderLine:
    return OrderLine(
        sku=row.sku,
        name=row.name,
        variant=row.variant,
        picture=row.picture,
        quantity=row.quantity,
        unit=money_of(row.unit),
        total=money_of(row.total),
        discount=money_of(row.discount),
        tax_rate=row.tax_rate,
    )


@strawberry.type(description="A parcel that left.")
class Parcel:
    number: int
    carrier: str
    tracking_number: str
    tracking_url: str
    dispatched_at: datetime
    delivered_at: datetime | None


@strawberry.type
class Refund:
    amount: Money
    status: str


@strawberry.type(description="Units that can come back: see requestReturn.")
class ReturnableItem:
    id: strawberry.ID
    name: str
    most: int


@strawberry.type
class OrderReturn:
    id: strawberry.ID
    status: str
    reason: str


@strawberry.type(description="Codes with which the order is paid at a store.")
class VoucherStore:
    chain: str
    payment_code: str
    confirmation_number: str


@strawberry.type
class Voucher:
    expires_at: datetime
    url: str
    stores: list[VoucherStore]
