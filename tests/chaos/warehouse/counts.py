"""Count the results of a run from our tables, the ledger and both sandboxes' lists."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Sum

from checkout.mail.models import MailKind
from checkout.status.names import CHECKOUT_NAME, SHIPPING_NAME
from inventory.models import Hold, Movement, StockItem
from orders.models import Cancellation, Order, Parcel, Refund
from orders.parcels import by_sku, parcel
from saga.models import Saga, State
from tests.chaos.counts import ENDED, NEWEST, Counts, orders_with
from tests.chaos.warehouse.desk import Desk
from tests.support.live import LiveStack
from tests.support.live_invariants import charges_of
from tests.support.mail import confirmations, queued_mails
from tests.support.sandbox_control import all_intents
from tests.support.warehouse_control import orders as orders_there
from tests.support.warehouse_control import refused_reports


@dataclass
class WarehouseCounts(Counts):
    """The figures of one run; these, too, must be 0."""

    missing: int = 0  # paid, not cancelled, and not at the warehouse
    twice: int = 0  # units or orders too many at the warehouse
    unpaid: int = 0  # shipped and not paid
    cancelled_sent: int = 0  # cancelled and shipped

    def figures(self) -> dict[str, int]:
        return {
            "missing_at_warehouse": self.missing,
            "twice_at_warehouse": self.twice,
            "shipped_unpaid": self.unpaid,
            "cancelled_and_shipped": self.cancelled_sent,
        }


@dataclass(frozen=True)
class Facts:
    """One order as all sides have it: our sagas, the provider, the warehouse."""

    order: Order
    sagas: Mapping[str, Saga]
    charges: int
    refunds: tuple[int, ...]
    charged: int
    there: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sent(self) -> Counter[str]:
        """Return SKU -> units that left in the warehouse's parcels."""
        units: Counter[str] = Counter()
        for one in self.there:
            for each in one["parcels"]:
                for item in each["items"]:
                    units[item["sku"]] += item["quantity"]
        return units


def count_results(
    shop: LiveStack, skus: Collection[str], shown: Iterable[UUID], desk: Desk
) -> WarehouseCounts:
    """Count everything about these goods. ``shown``: uids of orders customers saw."""
    counts = WarehouseCounts()
    all_facts = _facts(shop, skus)
    known = {facts.order.uid for facts in all_facts}
    for uid in shown:
        if uid not in known:
            counts.lost_orders += counts.record(f"{uid} was shown, and is not there")
    for facts in all_facts:
        _check(counts, shop, facts, desk)
    for sku in skus:
        _count_stock(counts, sku)
    numbers = [facts.order.number for facts in all_facts]
    for report in refused_reports(shop):
        if any(number in report["body"] for number in numbers):
            counts.record(f"the shop refused a report: {report}")
    return counts


def _facts(shop: LiveStack, skus: Collection[str]) -> list[Facts]:
    charges = charges_of(shop, newest=NEWEST)
    refunds: dict[str, list[int]] = {}
    for intent in all_intents(shop, NEWEST):
        made = [each["amount"] for each in intent["refunds"]]
        refunds.setdefault(intent["metadata"]["order"], []).extend(made)
    there = orders_there(shop)
    found = []
    for order in orders_with(skus):
        uid = str(order.uid)
        sagas = Saga.objects.main_paths().filter(reference=order.number)
        amounts = [amount for one, amount in charges if one == uid]
        found.append(
            Facts(
                order,
                {saga.definition: saga for saga in sagas},
                len(amounts),
                tuple(refunds.get(uid, [])),
                sum(amounts),
                [one for one in there if one["shipment"] == order.number],
            )
        )
    return found


def _check(counts: WarehouseCounts, shop: LiveStack, facts: Facts, desk: Desk) -> None:
    order, charges = facts.order, facts.charges
    counts.charges += charges
    if charges > 1:
        extra = counts.record(f"{order} was charged {charges} times", charges - 1)
        counts.double_charges += extra
    for saga in facts.sagas.values():
        _check_ended(counts, saga, desk)
    _check_goods(counts, facts)
    if len(facts.there) > 1:
        counts.twice += counts.record(f"{order} is at the warehouse twice")
    if facts.sent and not charges:
        counts.unpaid += counts.record(f"{order} was sent unpaid")
    if not charges:
        _check_unpaid(counts, facts)
    elif order.status == Order.Status.CANCELLED:
        _check_cancelled(counts, shop, facts)
    else:
        _check_kept(counts, shop, facts)


def _check_ended(counts: WarehouseCounts, saga: Saga, desk: Desk) -> None:
    if saga.state in ENDED:
        return
    is_shown = saga.state == State.FAILED and saga.alert_wanted_at is not None
    if is_shown and desk.leaves(saga):
        return
    what = f"{saga} is {saga.state} at {saga.step}: {saga.error_class} {saga.error}"
    counts.stuck += counts.record(what)


def _check_goods(counts: WarehouseCounts, facts: Facts) -> None:
    """What left the stock for the order, and is not back, is what its parcels hold."""
    order = facts.order
    kinds = [Movement.Kind.SHIP_OUT, Movement.Kind.RETURN]
    gone: Counter[str] = Counter()
    rows = Movement.objects.filter(reference__startswith=order.number, kind__in=kinds)
    for sku, quantity in rows.values_list("item__sku", "quantity"):
        gone[sku] -= quantity
    left = Counter({sku: count for sku, count in gone.items() if count})
    paid = facts.charges and order.status != Order.Status.CANCELLED
    due = Counter(by_sku(parcel(order))) if paid else Counter()
    if left != due:
        counts.record(f"{order} {order.status}: {left} left the stock, not {due}")
    beyond = facts.sent - Counter(by_sku(parcel(order)))
    if paid and beyond:
        many = sum(beyond.values())
        counts.twice += counts.record(f"{order}: {beyond} sent beyond it", many)


def _check_unpaid(counts: WarehouseCounts, facts: Facts) -> None:
    order = facts.order
    checkout = facts.sagas.get(CHECKOUT_NAME)
    if checkout is None or checkout.state == State.DONE:
        counts.lost_orders += counts.record(f"{order} is done and not charged")
    elif order.status != Order.Status.CANCELLED:
        counts.record(f"{order} is undone and {order.status}")
    if facts.there:
        counts.record(f"{order} is unpaid and at the warehouse: {facts.there}")


def _check_cancelled(counts: WarehouseCounts, shop: LiveStack, facts: Facts) -> None:
    order = facts.order
    if facts.sent:
        counts.cancelled_sent += counts.record(f"{order} was cancelled and was sent")
    if any(one["standing"] != "cancelled" for one in facts.there):
        counts.record(f"{order} is cancelled, and the warehouse has {facts.there}")
    done = Cancellation.objects.filter(order=order, status=Cancellation.Status.DONE)
    if done.count() != 1:
        counts.record(f"{order} is cancelled, with {done.count()} cancellations done")
    if facts.refunds != (facts.charged,):
        counts.record(f"{order} was refunded {facts.refunds} of {facts.charged}")
    ours = Refund.objects.filter(payment__order=order, status="succeeded")
    if ours.count() != 1:
        counts.record(f"{order} has {ours.count()} refunds")
    mails = queued_mails(shop, order, MailKind.CANCELLED)
    if len({mail["Message-ID"] for mail in mails}) != 1:
        counts.record(f"{order} is cancelled, with {len(mails)} mails")


def _check_kept(counts: WarehouseCounts, shop: LiveStack, facts: Facts) -> None:
    order = facts.order
    if not facts.there:
        counts.missing += counts.record(f"{order} is paid and not at the warehouse")
        return
    if facts.refunds:
        counts.lost_orders += counts.record(f"{order} was refunded {facts.refunds}")
    if order.status != Order.Status.SHIPPED or SHIPPING_NAME not in facts.sagas:
        standing = facts.there[0]["standing"]
        what = f"{order} is {order.status}, {standing} at the warehouse"
        counts.lost_orders += counts.record(what)
    parcels = Parcel.objects.filter(shipment__order=order)
    known = sorted(parcels.values_list("tracking_number", flat=True))
    told = [one["tracking_number"] for one in facts.there[0]["parcels"]]
    if known != sorted(told):
        counts.record(f"{order} has the parcels {known}, the warehouse {told}")
    mails = queued_mails(shop, order, MailKind.SHIPPED)
    if len({mail["Message-ID"] for mail in mails}) != len(told):
        counts.record(f"{order} has {len(mails)} mails about {len(told)} parcels")
    if not confirmations(shop, order):
        counts.record(f"{order} is paid, and its customer got no mail")


def _count_stock(counts: WarehouseCounts, sku: str) -> None:
    item = StockItem.objects.get(sku=sku)
    total = Movement.objects.filter(item=item).aggregate(total=Sum("quantity"))["total"]
    held = Hold.objects.active().filter(item=item).aggregate(total=Sum("quantity"))
    promised = held["total"] or 0
    if promised > total:
        over = promised - total
        counts.oversold += counts.record(f"{over} too many of {sku} went away", over)
    if (item.on_hand, item.held) != (total, promised):
        counts.record(
            f"{sku}: {item.on_hand} on hand, {item.held} held; the ledger says"
            f" {total} and {promised}"
        )
