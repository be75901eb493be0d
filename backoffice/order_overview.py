"""The overview of an order for staff: order, sagas, payment, goods.

Many overviews are read with few queries.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from checkout.status import failures
from checkout.status.sagas import OF_ORDERS, OrderSagas, sagas_of_orders
from inventory.models import Hold, StockItem
from orders.models import Order, OrderEvent, OrderLine, Payment
from saga.models import Attempt, Saga, SagaQuerySet, State


@dataclass(frozen=True)
class OrderOverview:
    """What a decision about an order needs. ``holds`` and ``stock`` are by SKU.

    ``saga`` is the one of the order's sagas that the overview is about: the one that
    tells where the order stands, unless ``at`` chose another.
    """

    order: Order
    sagas: OrderSagas
    saga: Saga
    payment: Payment
    lines: list[OrderLine]
    holds: dict[str, Hold] = field(default_factory=dict)
    stock: dict[str, StockItem] = field(default_factory=dict)
    mail_sent_at: datetime | None = None

    def at(self, saga: Saga) -> "OrderOverview":
        """Return the same overview, about this one of the order's sagas."""
        return replace(self, saga=saga)

    @property
    def is_stopped(self) -> bool:
        """Return whether the saga waits until staff resume it."""
        return self.saga.state == State.FAILED

    @property
    def failure(self) -> str:
        """Return what did not happen, as half a sentence."""
        return failures.failure(self.saga, self.payment.status)

    @property
    def stopped_since(self) -> datetime | None:
        """Since when it wants a person, whether stopped or still trying."""
        return self.saga.failed_at or self.saga.alert_wanted_at


def select_stalled() -> SagaQuerySet:
    """Return the sagas of orders that stopped, or keep failing; they have an index.

    A constraint makes every stopped saga want an alert, and a saga that succeeds again
    wants none, so this one condition finds both.
    """
    wanted = Saga.objects.filter(alert_wanted_at__isnull=False)
    # As an expression, so that SQLite does not read all sagas of the definition by
    # another index.
    return wanted.alias(of=Coalesce("definition", Value(""))).filter(of__in=OF_ORDERS)


def count_stalled() -> int:
    """Return how many orders have a saga of these."""
    return select_stalled().values("definition", "reference").distinct().count()


def stopped_since() -> Coalesce:
    """Return an expression: since when an order has waited for staff."""
    mine = Saga.objects.filter(definition__in=OF_ORDERS, reference=OuterRef("number"))
    failed = mine.filter(failed_at__isnull=False).order_by("failed_at")
    wanting = mine.filter(alert_wanted_at__isnull=False).order_by("alert_wanted_at")
    return Coalesce(
        Subquery(failed.values("failed_at")[:1]),
        Subquery(wanting.values("alert_wanted_at")[:1]),
    )


def read_overviews(orders: QuerySet[Order]) -> list[OrderOverview]:
    """Return the overviews of ``orders``, in their order.

    Seven queries for any number. An order without a saga (imported, say) is left out.
    """
    rows = list(orders.select_related("payment").prefetch_related("lines"))
    numbers = [order.number for order in rows]
    found = sagas_of_orders(numbers)
    stock = _stock(rows)
    holds = _holds(numbers)
    sent = dict(
        OrderEvent.objects.filter(
            order__in=rows, name=OrderEvent.Name.CONFIRMATION_SENT
        ).values_list("order_id", "created_at")
    )
    return [
        OrderOverview(
            order=order,
            sagas=found[order.number],
            saga=found[order.number].most_urgent,
            payment=order.payment,
            lines=list(order.lines.all()),
            holds=holds[order.number],
            stock=stock,
            mail_sent_at=sent.get(order.pk),
        )
        for order in rows
        if order.number in found
    ]


def read_overview(pk: object) -> OrderOverview | None:
    """Return the overview of one order, or None without the order or its saga."""
    try:
        rows = Order.objects.filter(pk=str(pk))
    except ValueError:
        return None
    return next(iter(read_overviews(rows)), None)


def last_resume(saga: Saga) -> Attempt | None:
    """Return the attempt by which staff last resumed the saga, or None."""
    resumed = (Attempt.Outcome.RESUMED, Attempt.Outcome.EDITED)
    return saga.attempts.filter(outcome__in=resumed).last()


def _stock(orders: list[Order]) -> dict[str, StockItem]:
    skus = {line.sku for order in orders for line in order.lines.all()}
    return {item.sku: item for item in StockItem.objects.filter(sku__in=skus)}


def _holds(numbers: list[str]) -> dict[str, dict[str, Hold]]:
    found: dict[str, dict[str, Hold]] = defaultdict(dict)
    for hold in Hold.objects.filter(reference__in=numbers).select_related("item"):
        found[hold.reference][hold.item.sku] = hold
    return found
