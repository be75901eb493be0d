"""One run: place a plan's orders while things break and staff act, then count."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from django.db import connections

from checkout.mail.models import OrderMail
from orders.models import Order
from saga.models import Saga, State
from tests.chaos.blows import Target
from tests.chaos.buyers import Wish, buy_all
from tests.chaos.counts import ENDED, orders_with
from tests.chaos.kill_points.trigger import arm, died_at, disarm, still_armed
from tests.chaos.plans import WEBHOOK_RULES, Purchase
from tests.chaos.runs import supervised, wake
from tests.chaos.stack import start_at_once
from tests.chaos.warehouse.blows import BLOWS
from tests.chaos.warehouse.counts import WarehouseCounts, count_results
from tests.chaos.warehouse.desk import Desk
from tests.chaos.warehouse.plans import Kind, Plan
from tests.support.catalogue import stock_up
from tests.support.live import LiveStack
from tests.support.sandbox_control import clear_faults, plan_fault
from tests.support.warehouse_control import ask, open_reports

# Seconds after everything works again; longer than any lease, retry or deadline.
PATIENCE = 100.0
# Seconds for what follows an order's end: its mails, and reports that come twice.
AFTERWARDS = 20.0
SPARE_UNITS = 60
_numbers = count(1)


@dataclass
class Outcome:
    """The counts of a run, and how long its orders took to recover."""

    seed: int
    kind: Kind
    counts: WarehouseCounts
    recovery: list[float] = field(default_factory=list)  # seconds
    unreached: int = 0  # kill points that no process reached


@dataclass
class Run:
    """A plan that is being carried out."""

    plan: Plan
    shop: LiveStack
    skus: list[str]
    wishes: list[Wish]
    desk: Desk
    shown: list[UUID | None] = field(default_factory=list)
    healed_at: float = 0.0

    def wait_for_ends(self) -> None:
        """Wait until all has ended, or is left to people, and all was told."""
        _wait(self._is_under_way, PATIENCE)
        _wait(self._is_being_told, AFTERWARDS)

    def recovery(self) -> list[float]:
        """Return the seconds from last blow to end, for each order."""
        found = []
        for order in orders_with(self.skus):
            rows = Saga.objects.filter(reference=order.number)
            ends = list(rows.values_list("finished_at", flat=True))
            if None in ends or not ends:
                continue
            end = max(moment.timestamp() for moment in ends if moment)
            died = died_at(self.shop.paths.data_dir, order.email) or 0.0
            blows = (order.placed_at.timestamp(), died, self.healed_at)
            found.append(end - max(blow for blow in blows if blow < end))
        return found

    def _sagas(self) -> list[Saga]:
        numbers = [order.number for order in orders_with(self.skus)]
        rows = Saga.objects.filter(reference__in=numbers)
        return list(rows.exclude(state__in=ENDED))

    def _is_under_way(self) -> bool:
        return any(
            saga.state != State.FAILED or not self._is_left(saga)
            for saga in self._sagas()
        )

    def _is_left(self, saga: Saga) -> bool:
        return saga.alert_wanted_at is not None and self.desk.leaves(saga)

    def _is_being_told(self) -> bool:
        orders = orders_with(self.skus)
        wanted = OrderMail.objects.filter(order__in=orders, state="wanted")
        return wanted.exists() or bool(open_reports(self.shop))


def run(target: Target, plan: Plan) -> Outcome:
    """Carry the plan out and count the results. Afterwards the shop is repaired."""
    present = _begin(target.shop, plan)
    shop = target.shop
    with present.desk.open(), supervised(shop):
        with BLOWS[plan.kind](target):
            present.shown = buy_all(shop, present.wishes)
            if plan.each:
                _arm_each(present)
            time.sleep(plan.hold)
        present.healed_at = time.time()
        # The server may have ended our own connections.
        connections.close_all()
        present.wait_for_ends()
    late_writes = wake(shop, present.wishes)
    left_over = ask(shop, "faults")["faults"] if plan.each else []
    repair(shop)
    shown = [uid for uid in present.shown if uid]
    counts = count_results(shop, present.skus, shown, present.desk)
    counts.findings += late_writes
    counts.findings += [f"this fault came to nothing: {rule}" for rule in left_over]
    if not any(present.shown):
        counts.record("no customer got through to an order")
    unreached = still_armed(shop.paths.data_dir)
    for address in unreached:
        disarm(shop.paths.data_dir, address)
    return Outcome(plan.seed, plan.kind, counts, present.recovery(), len(unreached))


def abort(target: Target, plan: Plan, error: Exception) -> Outcome:
    """Repair the shop for the next run. Return the error as the run's finding."""
    connections.close_all()
    repair(target.shop)
    counts = WarehouseCounts(findings=[f"broken off: {error!r}"])
    return Outcome(plan.seed, plan.kind, counts)


def repair(shop: LiveStack) -> None:
    """Let every service run, and both sandboxes do what they are asked."""
    start_at_once(shop)
    shop.restore()
    clear_faults(shop)
    ask(shop, "clear")


def _begin(shop: LiveStack, plan: Plan) -> Run:
    skus = [stock_up(units, name=f"W{plan.seed}") for units in plan.stock]
    spare = stock_up(SPARE_UNITS, name=f"W{plan.seed}")
    wishes = [_wish(shop, skus, purchase) for purchase in plan.purchases]
    emails = [wish.email for wish in wishes]
    desk = Desk(skus, dict(zip(emails, plan.errands, strict=True)), spare)
    for rule in WEBHOOK_RULES[plan.webhooks]:
        plan_fault(shop, **rule)
    for rule in plan.rules:
        if not plan.each:
            ask(shop, "fault", **rule)
    return Run(plan, shop, skus, wishes, desk)


def _wish(shop: LiveStack, skus: list[str], purchase: Purchase) -> Wish:
    units = {skus[article]: quantity for article, quantity in purchase.units}
    death = purchase.death
    email = (
        arm(shop.paths.data_dir, death.point, death.way, death.role)
        if death
        else f"customer-{next(_numbers)}@example.com"
    )
    return Wish(units, purchase.card, email)


def _arm_each(present: Run) -> None:
    """Arm one fault for each order. The first is the silence, which is on already."""
    for uid, rule in zip(present.shown, present.plan.rules, strict=False):
        if uid and rule["kind"] != "silence":
            number = Order.objects.get(uid=uid).number
            ask(present.shop, "fault", shipment=number, **rule)


def _wait(is_going_on: Callable[[], bool], seconds: float) -> None:
    """Wait until that is over, for some seconds at most."""
    deadline = time.monotonic() + seconds
    while is_going_on() and time.monotonic() < deadline:
        time.sleep(0.2)
