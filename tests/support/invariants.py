"""The invariants that hold after every fault, read from the tables.

I1  At most one successful charge per order.
I2  Charged means completed, or stopped with an alert to staff. Never undone.
I3  Per SKU the ledger adds up, and nothing is negative.
I4  A saga that ended unpaid holds no stock.
I5  Every saga has ended, or stopped with an alert to staff, or the sweeper finds it.
I6  A coupon code is used as often as orders that stand have it.
I7  What happened is an event, or captured to become one.
I8  Each consumer has a delivery of each event that it wants, and has had it at the end.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, Sum
from django.utils import timezone

from checkout.statistics.comparison import differences
from checkout.status.names import (
    CHECKOUT_NAME,
    WAIT_FOR_DELIVERY,
    WAIT_FOR_PARCELS,
    WAIT_FOR_SHIPMENT,
    WAIT_FOR_VOUCHER,
)
from events.consumers import all_consumers
from events.models import CapturedRow, Delivery, Event
from events.router import identifier
from events.types import all_sources, all_types
from inventory.models import Hold, Movement, StockItem
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Refund,
    ReturnLine,
    Shipment,
    Substitute,
)
from orders.parcels import by_sku, parcel
from saga.models import Saga, State
from tests.support.promotions import assert_uses_are_those_of_orders

# Customers, staff and the warehouse have days for these.
DAYS_LONG = (WAIT_FOR_VOUCHER, WAIT_FOR_SHIPMENT, WAIT_FOR_PARCELS, WAIT_FOR_DELIVERY)
# The uid of an order, and the minor units that the provider captured for it.
Charge = tuple[str, int]


def assert_invariants(
    charges: Iterable[Charge] | None = None, *, ended: bool = False
) -> None:
    """Check I1 to I7. ``charges`` is the provider's own list.

    With ``ended`` no saga may still be running.
    """
    assert_ledger_adds_up()
    assert_parcels_left_the_stock()
    assert_returns_came_back_once()
    assert_unpaid_ends_hold_nothing()
    assert_paid_is_kept()
    assert_nothing_is_forgotten(ended=ended)
    assert_uses_are_those_of_orders()
    assert_nothing_goes_unheard()
    if charges is not None:
        assert_charged_once(list(charges))


def assert_nothing_goes_unheard() -> None:
    """I7: each row of the history and of the ledger is an event, or about to be one."""
    sources = {source.name: source for source in all_sources()}
    for name, model in (("order", OrderEvent), ("stock", Movement)):
        source = sources[name]
        captured = CapturedRow.objects.filter(source=name)
        waiting = set(captured.values_list("row_id", flat=True))
        keys = set(model.objects.values_list("pk", flat=True)) - waiting
        uids = {
            identifier(name, key, what) for key, what in source.read([*keys]).items()
        }
        heard = set(Event.objects.filter(uid__in=uids).values_list("uid", flat=True))
        assert len(uids) == len(keys), f"I7: rows of {name} say nothing"
        assert heard == uids, f"I7: {len(uids - heard)} rows of {name} are no events"


def assert_every_consumer_heard() -> None:
    """I8, when nothing is under way: every consumer has had every event that it wants.

    And what the statistics heard adds up to what the accountant exports.
    """
    assert not CapturedRow.objects.exists(), "I8: rows are not routed"
    for consumer in all_consumers():
        types = [each.name for each in all_types() if consumer.wants(each.name)]
        done = Delivery.objects.filter(consumer=consumer.name, state="done")
        wanted = Event.objects.filter(type__in=types)
        missed = wanted.exclude(pk__in=done.values("event"))
        assert not missed, f"I8: {consumer.name} has not had {missed.count()} events"
    assert differences() == [], "I8: the statistics are not the accountant's"


def assert_ledger_adds_up() -> None:
    """I3: on hand is the sum of all movements, held the sum of all active holds."""
    for item in StockItem.objects.all():
        lines = Movement.objects.filter(item=item)
        total = lines.aggregate(total=Sum("quantity"))["total"] or 0
        holds = Hold.objects.active().filter(item=item)
        promised = holds.aggregate(total=Sum("quantity"))["total"] or 0
        assert item.on_hand == total, f"I3: {item.sku} has {item.on_hand}, not {total}"
        assert item.held == promised, f"I3: {item.sku} holds {item.held}: {promised}"
        assert 0 <= item.held <= item.on_hand, f"I3: {item.sku} is below zero"
    for hold in Hold.objects.filter(state=Hold.State.SHIPPED):
        out = Movement.objects.filter(
            kind=Movement.Kind.SHIP_OUT, item=hold.item_id, reference=hold.reference
        )
        moved = list(out.values_list("quantity", flat=True))
        assert moved == [-hold.quantity], f"I3: {hold} left as {moved}"


def assert_parcels_left_the_stock() -> None:
    """I3: units that left for an order and did not return are those of its parcel.

    Orders with a refund under way are left out: their goods count as returned early.
    """
    kinds = [Movement.Kind.SHIP_OUT, Movement.Kind.RETURN]
    for order in Order.objects.filter(shortages__isnull=False).distinct():
        if Refund.objects.under_way().filter(payment__order=order).exists():
            continue
        lines = Movement.objects.filter(reference__startswith=order.number)
        gone: Counter[str] = Counter()
        for sku, moved in lines.filter(kind__in=kinds).values_list(
            "item__sku", "quantity"
        ):
            gone[sku] -= moved
        # What was scrapped left for good, unless the same was sent again.
        for row in ReturnLine.objects.filter(returned__order=order):
            gone[row.goods.sku] += row.scrapped - row.sent_units[1]
        held = by_sku(parcel(order))
        assert +gone == held, f"I3: {order} holds {held}, but {dict(gone)} left"


def assert_returns_came_back_once() -> None:
    """I3: what returns kept is in the ledger, and the goods count what is out."""
    standing: Counter[OrderLine | Substitute] = Counter()
    for row in ReturnLine.objects.select_related("returned__order"):
        came = _booked(row, Movement.Kind.RETURN)
        thrown = -_booked(row, Movement.Kind.SCRAP)
        assert came >= row.kept, f"I3: {row} kept {row.kept}, {came} came"
        assert thrown >= row.scrapped, f"I3: {row} scrapped {row.scrapped}: {thrown}"
        if row.returned.is_awaited:
            standing[row.goods] += row.quantity
        # What was sent again is the customer's once more.
        standing[row.goods] += row.scrapped - row.sent_units[1]
        assert _sent_again(row) >= row.exchanged, f"I3: {row} was not sent again"
    for model in (OrderLine, Substitute):
        for goods in model.objects.all():
            assert goods.returned == standing[goods], f"I3: {goods} counts wrongly"
            assert goods.returned <= goods.shipped, f"I3: {goods} returns too much"


def _sent_again(row: ReturnLine) -> int:
    returned = row.returned
    name = f"{returned.order.number} exchange {returned.pk}-"
    lines = Movement.objects.filter(reference__startswith=name, item__sku=row.goods.sku)
    return -(lines.aggregate(total=Sum("quantity"))["total"] or 0)


def _booked(row: ReturnLine, kind: Movement.Kind) -> int:
    name = f"{row.returned.order.number} return {row.returned_id}"
    lines = Movement.objects.filter(
        Q(reference=name) | Q(reference__startswith=f"{name} of "),
        kind=kind,
        item__sku=row.goods.sku,
    )
    return lines.aggregate(total=Sum("quantity"))["total"] or 0


def assert_unpaid_ends_hold_nothing() -> None:
    """I4: a compensated saga holds no stock, and its order is cancelled."""
    ended = Saga.objects.filter(definition=CHECKOUT_NAME, state=State.COMPENSATED)
    for saga in ended:
        holds = Hold.objects.filter(reference=saga.reference)
        kept = holds.filter(state__in=[Hold.State.ACTIVE, Hold.State.SHIPPED])
        assert not kept.exists(), f"I4: {saga} ended unpaid and keeps goods"
        order = Order.objects.filter(number=saga.reference).first()
        if order is not None:
            assert order.status == Order.Status.CANCELLED, f"I4: {saga} left it open"


def assert_paid_is_kept() -> None:
    """I2, by our own tables."""
    for payment in Payment.objects.filter(status=Payment.Status.CAPTURED):
        assert payment.captured_minor == payment.amount_minor
        _assert_kept(payment.order)


def assert_nothing_is_forgotten(*, ended: bool = False) -> None:
    """I5: the sweeper's own condition finds every saga that has not ended."""
    now = timezone.now()
    for saga in Saga.objects.all():
        if saga.state == State.FAILED:
            assert saga.alert_wanted_at is not None, (
                f"I5: {saga} failed without an alert"
            )
            continue
        if saga.state in (State.DONE, State.COMPENSATED):
            assert saga.finished_at is not None
            continue
        assert not ended, f"I5: {saga} is still {saga.state} at {saga.step}"
        soon = timedelta(days=61 if saga.waiting_for in DAYS_LONG else 2)
        assert saga.sweep_at <= now + soon, f"I5: the sweeper does not find {saga}"


def assert_charged_once(charges: list[Charge]) -> None:
    """I1 and I2, by the provider's list."""
    count = Counter(uid for uid, _amount in charges)
    twice = {uid: n for uid, n in count.items() if n > 1}
    assert not twice, f"I1: charged more than once: {twice}"
    for uid, amount in charges:
        order = Order.objects.get(uid=uid)
        assert amount == order.total_minor, f"I1: {order} was charged {amount}"
        _assert_kept(order)
    for order in Order.objects.exclude(
        status__in=[Order.Status.PENDING, Order.Status.CANCELLED]
    ):
        assert str(order.uid) in count, f"I1: {order} is sent without being paid"


def _assert_kept(order: Order) -> None:
    sagas = Saga.objects.main_paths().filter(definition=CHECKOUT_NAME)
    saga = sagas.filter(reference=order.number).first()
    if saga is None:
        return
    assert saga.state not in (State.COMPENSATING, State.COMPENSATED), f"I2: {order}"
    if order.status == Order.Status.CANCELLED:
        # A person cancelled it: the goods are back, and the money follows.
        stopped = Shipment.objects.filter(order=order, status="called_off")
        assert stopped.exists(), f"I2: {order} is paid and cancelled"
    if saga.state == State.DONE:
        assert order.status != Order.Status.PENDING, f"I2: {order} was never completed"
