"""Orders, as the admin shows them."""

import enum
from datetime import date, datetime
from functools import cached_property

import strawberry
from strawberry.relay import PageInfo

from api.staff.context import Info
from api.types.address import Recipient, recipient_of
from api.types.afterwards import OrderLine, Parcel, Refund, line_of
from api.types.money import Money, money_of
from backoffice import permissions
from backoffice.admin.forms import field_of
from backoffice.order_overview import OrderOverview, read_overviews
from backoffice.tokens.scopes import Scope
from orders import models
from orders.parcels import due, name_of
from orders.selectors import parcels_of, refunds_of
from saga.models import Attempt, Saga, State
from shop.logs.privacy import clean
from shop.text.redaction import COVER, redact_text

_Order, _Payment, _Shipment = models.Order, models.Payment, models.Shipment


@strawberry.enum
class OrderStatus(enum.Enum):
    PENDING = _Order.Status.PENDING.value
    CONFIRMED = _Order.Status.CONFIRMED.value
    SHIPPED = _Order.Status.SHIPPED.value
    CANCELLED = _Order.Status.CANCELLED.value


@strawberry.enum
class PaymentStatus(enum.Enum):
    PENDING = _Payment.Status.PENDING.value
    AUTHORIZED = _Payment.Status.AUTHORIZED.value
    CAPTURED = _Payment.Status.CAPTURED.value
    CANCELLED = _Payment.Status.CANCELLED.value


@strawberry.enum
class ShipmentStatus(enum.Enum):
    REQUESTED = _Shipment.Status.REQUESTED.value
    DISPATCHED = _Shipment.Status.DISPATCHED.value
    HELD_BACK = _Shipment.Status.HELD_BACK.value
    CALLED_OFF = _Shipment.Status.CALLED_OFF.value


@strawberry.enum(description="FAILED: it waits until somebody resumes it.")
class SagaState(enum.Enum):
    RUNNING = State.RUNNING.value
    JOINING = State.JOINING.value
    WAITING = State.WAITING.value
    FAILED = State.FAILED.value
    COMPENSATING = State.COMPENSATING.value
    COMPENSATED = State.COMPENSATED.value
    DONE = State.DONE.value


@strawberry.type(description="A durable process of the order: its purchase, say.")
class OrderSaga:
    id: strawberry.ID
    name: str
    state: SagaState
    step: str
    tries: int
    error: str = strawberry.field(description='Of the last try, or "".')
    failed_at: datetime | None
    seen: int = strawberry.field(
        description="Send it with resumeOrder: what has changed since is not resumed."
    )


@strawberry.type(description="A try at a step, or an act of staff.")
class OrderAttempt:
    saga: str
    step: str
    number: int
    outcome: str = strawberry.field(description='"": it is under way.')
    error: str
    actor: str = strawberry.field(description='Who acted; "": the program.')
    note: str
    started_at: datetime
    ended_at: datetime | None


@strawberry.type(description="Units that are still to be sent: see shipOrder.")
class UnitsDue:
    id: strawberry.ID
    sku: str
    name: str
    quantity: int


class Batch:
    """Orders of one answer, whose sagas are read together at the first question."""

    def __init__(self, rows: list[models.Order]) -> None:
        self._keys = [row.pk for row in rows]

    @cached_property
    def overviews(self) -> dict[int, OrderOverview]:
        rows = models.Order.objects.filter(pk__in=self._keys)
        return {each.order.pk: each for each in read_overviews(rows)}


@strawberry.type(description="An order in a list.")
class OrderSummary:
    row: strawberry.Private[models.Order]
    batch: strawberry.Private[Batch]

    @strawberry.field
    def number(self) -> str:
        return self.row.number

    @strawberry.field
    def placed_at(self) -> datetime:
        return self.row.placed_at

    @strawberry.field
    def status(self) -> OrderStatus:
        return OrderStatus(self.row.status)

    @strawberry.field
    def payment(self) -> PaymentStatus:
        return PaymentStatus(self.row.payment.status)

    @strawberry.field(description="Null: the order is not confirmed yet.")
    def shipment(self) -> ShipmentStatus | None:
        found = getattr(self.row, "shipment", None)
        return ShipmentStatus(found.status) if found else None

    @strawberry.field(description="The customer picks it up: it has no label.")
    def is_pickup(self) -> bool:
        return self.row.is_pickup

    @strawberry.field
    def total(self) -> Money:
        return money_of(self.row.total)

    @strawberry.field
    def lines(self) -> list[OrderLine]:
        return [line_of(each) for each in self.row.lines.all()]

    @strawberry.field(description="It stopped, and waits until somebody resumes it.")
    def is_stalled(self) -> bool:
        return any(each.state == SagaState.FAILED for each in _sagas(self))

    @strawberry.field
    def sagas(self) -> list[OrderSaga]:
        return _sagas(self)

    @strawberry.field(description="Needs the scope customers:read.")
    def recipient(self, info: Info) -> Recipient | None:
        info.context.require(Scope.CUSTOMERS_READ, permissions.VIEW_ORDER)
        return recipient_of(self.row)


@strawberry.type(description="An order with all that the admin's page shows.")
class Order(OrderSummary):
    @strawberry.field
    def shipping_method(self) -> str:
        return self.row.shipping_method

    @strawberry.field
    def arrives_from(self) -> date | None:
        return self.row.promised_from

    @strawberry.field
    def arrives_until(self) -> date | None:
        return self.row.promised_until

    @strawberry.field
    def subtotal(self) -> Money:
        return money_of(self.row.subtotal)

    @strawberry.field
    def shipping(self) -> Money:
        return money_of(self.row.shipping)

    @strawberry.field
    def discount(self) -> Money:
        return money_of(self.row.discount)

    @strawberry.field(description="Of the charge: what was not refunded.")
    def refundable(self) -> Money:
        return money_of(self.row.payment.refundable)

    @strawberry.field
    def due(self) -> list[UnitsDue]:
        return [
            UnitsDue(
                id=strawberry.ID(field_of(each)),
                sku=each.goods.sku,
                name=name_of(each.goods),
                quantity=each.quantity,
            )
            for each in due(self.row)
        ]

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
            for each in parcels_of(self.row)
        ]

    @strawberry.field
    def refunds(self) -> list[Refund]:
        return [
            Refund(amount=money_of(each.amount), status=each.status)
            for each in refunds_of(self.row)
        ]

    @strawberry.field(description="What was tried and done, the oldest first.")
    def attempts(self) -> list[OrderAttempt]:
        overview = self.batch.overviews.get(self.row.pk)
        return [_attempt(each) for each in overview.sagas.history()] if overview else []


@strawberry.type
class OrderEdge:
    cursor: str
    node: OrderSummary


@strawberry.type
class OrderConnection:
    edges: list[OrderEdge]
    page_info: PageInfo


@strawberry.input
class OrderFilter:
    status: OrderStatus | None = None
    shipment: ShipmentStatus | None = None
    stalled: bool | None = strawberry.field(
        default=None, description="True: those that wait for staff, or keep failing."
    )
    placed_from: datetime | None = None
    placed_before: datetime | None = None


def order_of(row: models.Order) -> Order:
    return Order(row=row, batch=Batch([row]))


def _sagas(order: OrderSummary) -> list[OrderSaga]:
    # An order that was imported has none.
    overview = order.batch.overviews.get(order.row.pk)
    return [_saga(each) for each in overview.sagas.all] if overview else []


def _covered(error: str) -> str:
    """Return the error without secrets, and without whom it names by mail address.

    Who may not read recipients would find some of them here.
    """
    return clean(redact_text(error, COVER))


def _saga(row: Saga) -> OrderSaga:
    return OrderSaga(
        id=strawberry.ID(str(row.pk)),
        name=row.branch or row.definition,
        state=SagaState(row.state),
        step=row.step,
        tries=row.attempt,
        error=_covered(row.error),
        failed_at=row.failed_at,
        seen=row.fence,
    )


def _attempt(row: Attempt) -> OrderAttempt:
    return OrderAttempt(
        saga=row.saga.branch or row.saga.definition,
        step=row.step,
        number=row.number,
        outcome=row.outcome,
        error=_covered(row.error),
        actor=row.actor,
        note=row.note,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
