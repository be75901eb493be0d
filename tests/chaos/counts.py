"""Count the results of a run from our tables, the ledger and the sandbox's list."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet, Sum

from inventory.models import Hold, Movement, StockItem
from orders.models import Order
from saga.models import Saga, State
from tests.support.live import LiveStack
from tests.support.live_invariants import charges_of, left_the_shelf, ordered
from tests.support.mail import confirmations

ENDED = (State.DONE, State.COMPENSATED)
# More intents than one run makes; older ones were checked in their own run.
NEWEST = 400


@dataclass
class Counts:
    """The figures of one run: all but ``charges`` must be 0, or have ``findings``."""

    charges: int = 0
    double_charges: int = 0
    lost_orders: int = 0
    oversold: int = 0
    stuck: int = 0
    webhooks_missing: int = 0  # events that an endpoint never received
    findings: list[str] = field(default_factory=list)

    def record(self, what: str, number: int = 1) -> int:
        """Add a finding. Return ``number``, to be added to a figure."""
        self.findings.append(what)
        return number


def orders_with(skus: Collection[str]) -> list[Order]:
    rows = Order.objects.filter(lines__sku__in=skus).distinct()
    return list(rows.prefetch_related("lines").order_by("pk"))


def count_results(
    shop: LiveStack, skus: Collection[str], shown: Iterable[UUID]
) -> Counts:
    """Count everything about these goods. ``shown``: uids of orders customers saw."""
    counts = Counts()
    orders = orders_with(skus)
    sagas = _sagas_by_number(orders)
    known = {order.uid for order in orders}
    for uid in shown:
        if uid not in known:
            counts.lost_orders += counts.record(f"{uid} was shown, and is not there")
    charged = Counter(uid for uid, _amount in charges_of(shop, newest=NEWEST))
    for order in orders:
        _check_order(counts, shop, order, sagas[order.number], charged[str(order.uid)])
    for sku in skus:
        _count_stock(counts, sku)
    return counts


def _sagas_by_number(orders: list[Order]) -> dict[str, list[Saga]]:
    found: dict[str, list[Saga]] = {order.number: [] for order in orders}
    for saga in Saga.objects.filter(reference__in=found):
        found[saga.reference].append(saga)
    return found


def _check_order(
    counts: Counts, shop: LiveStack, order: Order, sagas: list[Saga], charges: int
) -> None:
    counts.charges += charges
    if charges > 1:
        extra = counts.record(f"{order} was charged {charges} times", charges - 1)
        counts.double_charges += extra
    if any(saga.state not in ENDED for saga in sagas):
        where = [f"{saga.state} at {saga.step}: {saga.error}" for saga in sagas]
        counts.stuck += counts.record(f"{order} is {', '.join(where)}")
        return
    if sagas and all(saga.state == State.DONE for saga in sagas):
        _check_done(counts, shop, order, charges)
    elif charges or not sagas:
        what = f"{order} is charged {charges} times, and not completed"
        counts.lost_orders += counts.record(what)
    elif order.status != Order.Status.CANCELLED or left_the_shelf(order):
        counts.record(
            f"{order} is undone, {order.status}, {left_the_shelf(order)} left"
        )


def _check_done(counts: Counts, shop: LiveStack, order: Order, charges: int) -> None:
    if not charges or order.status != Order.Status.CONFIRMED:
        what = f"{order} is done, {order.status}, charged {charges} times"
        counts.lost_orders += counts.record(what)
    if left_the_shelf(order) != ordered(order):
        counts.record(f"{order} is done, and {left_the_shelf(order)} left")
    if not confirmations(shop, order):
        counts.record(f"{order} is done, and its customer got no mail")


def _count_stock(counts: Counts, sku: str) -> None:
    item = StockItem.objects.get(sku=sku)
    lines = Movement.objects.filter(item=item)
    received = _sum(lines.filter(kind=Movement.Kind.RECEIVE))
    shipped = -_sum(lines.filter(kind=Movement.Kind.SHIP_OUT))
    held = _sum(Hold.objects.active().filter(item=item))
    if shipped + held > received:
        over = shipped + held - received
        counts.oversold += counts.record(f"{over} too many of {sku} went away", over)
    if (item.on_hand, item.held) != (received - shipped, held):
        counts.record(
            f"{sku}: {item.on_hand} on hand, {item.held} held; the ledger says"
            f" {received - shipped} and {held}"
        )


def _sum(movements: QuerySet[Movement] | QuerySet[Hold]) -> int:
    return movements.aggregate(total=Sum("quantity"))["total"] or 0
