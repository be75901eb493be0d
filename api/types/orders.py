"""Orders, as the page of the order shows them."""

import enum
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

import strawberry
from strawberry.relay import PageInfo

from api.types.address import OrderRecipient, order_recipient_of
from api.types.afterwards import (
    OrderLine,
    OrderReturn,
    Parcel,
    Refund,
    ReturnableItem,
    Voucher,
    VoucherStore,
    line_of,
)
from api.types.cart import Discount, Tax, discount_of
from api.types.money import Money, money_of
from api.types.progress import OrderProgress, progress_of
from checkout.aftersales.returns.forms import field_of
from checkout.my_page.selectors import standing_of
from checkout.status import progress
from checkout.status.returns import may_ask_until
from checkout.tracking.services import challenge_secret
from orders import models
from orders.parcels import name_of, returnable
from orders.selectors import (
    parcels_of,
    payment_page_of,
    refunds_of,
    returns_of,
    voucher_of,
)


@strawberry.enum(description="How an order stands, in a word, in a list.")
class OrderStanding(enum.Enum):
    PROCESSING = "processing"
    NEEDS_YOU = "needs_you"
    PREPARING = "preparing"
    READY = "ready"
    PARTLY_SENT = "partly_sent"
    SENT = "sent"
    PICKED_UP = "picked_up"
    NOT_SENT = "not_sent"
    CANCELLED = "cancelled"


class OrderState:
    """An order and its progress, read once for all fields."""

    def __init__(self, row: models.Order) -> None:
        self.row = row

    @cached_property
    def progress(self) -> progress.Progress:
        return progress.progress_of(self.row)


@strawberry.type(description="An order, for everybody who knows its uid.")
class Order:
    state: strawberry.Private[OrderState]

    @strawberry.field(description="A secret: whoever knows it sees the order.")
    def uid(self) -> UUID:
        return self.state.row.uid

    @strawberry.field
    def number(self) -> str:
        return self.state.row.number

    @strawberry.field
    def placed_at(self) -> datetime:
        return self.state.row.placed_at

    @strawberry.field(description="en or ja: of names in the order and of its mails.")
    def language(self) -> str:
        return self.state.row.language

    @strawberry.field
    def progress(self) -> OrderProgress:
        return progress_of(self.state.progress)

    @strawberry.field(
        description="For the provider's script, while the bank asks (NEEDS_CHALLENGE)."
    )
    def challenge_secret(self) -> str | None:
        asks = self.state.progress.outcome == "needs_challenge"
        return challenge_secret(self.state.row) if asks else None

    @strawberry.field(description="The provider's page on which to pay (NEEDS_PAGE).")
    def payment_page(self) -> str | None:
        asks = self.state.progress.outcome == "needs_page"
        found = payment_page_of(self.state.row) if asks else None
        return found.url if found else None

    @strawberry.field
    def voucher(self) -> Voucher | None:
        found = voucher_of(self.state.row)
        if found is None:
            return None
        stores = [
            VoucherStore(
                chain=each["chain"],
                payment_code=each["payment_code"],
                confirmation_number=each["confirmation_number"],
            )
            for each in found.stores
        ]
        return Voucher(expires_at=found.expires_at, url=found.url, stores=stores)

    @strawberry.field
    def lines(self) -> list[OrderLine]:
        return [line_of(each) for each in self.state.row.lines.all()]

    @strawberry.field
    def subtotal(self) -> Money:
        return money_of(self.state.row.subtotal)

    @strawberry.field
    def shipping(self) -> Money:
        return money_of(self.state.row.shipping)

    @strawberry.field
    def discount(self) -> Money:
        return money_of(self.state.row.discount)

    @strawberry.field
    def discounts(self) -> list[Discount]:
        return [discount_of(each) for each in self.state.row.given]

    @strawberry.field
    def total(self) -> Money:
        return money_of(self.state.row.total)

    @strawberry.field
    def taxes(self) -> list[Tax]:
        return [
            Tax(
                rate=each["rate"],
                gross=money_of(each["gross"]),
                tax=money_of(each["tax"]),
                name=each["name"],
            )
            for each in self.state.row.tax_lines
        ]

    @strawberry.field
    def recipient(self) -> OrderRecipient:
        return order_recipient_of(self.state.row)

    @strawberry.field(description="In the order's language.")
    def shipping_method(self) -> str:
        return self.state.row.shipping_method

    @strawberry.field
    def arrives_from(self) -> date | None:
        return self.state.row.promised_from

    @strawberry.field
    def arrives_until(self) -> date | None:
        return self.state.row.promised_until

    @strawberry.field
    def parcels(self) -> list[Parcel]:
        return [
            Parcel(
                number=each.number,
                carrier=each.carrier,
                tracking_number=each.tracking_number,
                tracking_url=each.tracking_url,
                dispatched_at=each.dispatched_at,
                delivered_at=each.delivered_at,
            )
            for each in parcels_of(self.state.row)
        ]

    @strawberry.field
    def refunds(self) -> list[Refund]:
        return [
            Refund(amount=money_of(each.amount), status=each.status)
            for each in refunds_of(self.state.row)
        ]

    @strawberry.field(description="The last day to ask for a return; null: not now.")
    def returnable_until(self) -> date | None:
        return may_ask_until(self.state.row)

    @strawberry.field
    def returnable(self) -> list[ReturnableItem]:
        if may_ask_until(self.state.row) is None:
            return []
        return [
            ReturnableItem(
                id=strawberry.ID(field_of(each)),
                name=name_of(each.goods),
                most=each.quantity,
            )
            for each in returnable(self.state.row)
        ]

    @strawberry.field
    def returns(self) -> list[OrderReturn]:
        return [
            OrderReturn(
                id=strawberry.ID(str(each.pk)), status=each.status, reason=each.reason
            )
            for each in returns_of(self.state.row)
        ]


def order_of(row: models.Order) -> Order:
    return Order(state=OrderState(row))


@strawberry.type(description="An order in the list of a customer's orders.")
class OrderSummary:
    uid: UUID
    number: str
    placed_at: datetime
    standing: OrderStanding
    total: Money
    lines: list[OrderLine]


def summary_of(row: models.Order) -> OrderSummary:
    return OrderSummary(
        uid=row.uid,
        number=row.number,
        placed_at=row.placed_at,
        standing=OrderStanding(standing_of(row)),
        total=money_of(row.total),
        lines=[line_of(each) for each in row.lines.all()],
    )


@strawberry.type
class OrderEdge:
    cursor: str
    node: OrderSummary


@strawberry.type
class OrderConnection:
    edges: list[OrderEdge]
    page_info: PageInfo
