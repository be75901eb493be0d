"""One run: place a plan's orders while things break, then count the results."""

import os
import signal
import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connections

from checkout.status.names import WAIT_FOR_CHALLENGE
from orders.models import Order
from saga.models import Attempt, Saga
from tests.chaos.blows import BLOWS, Target, meanwhile
from tests.chaos.buyers import Wish, buy_all
from tests.chaos.counts import ENDED, Counts, count_results, orders_with
from tests.chaos.endpoints import Partners, partners
from tests.chaos.kill_points.trigger import (
    Way,
    arm,
    died_at,
    disarm,
    still_armed,
    stopped_process,
)
from tests.chaos.plans import WEBHOOK_RULES, Kind, Plan, Purchase
from tests.chaos.stack import start_at_once
from tests.support.catalogue import stock_up
from tests.support.live import LiveStack
from tests.support.promotions import make_code
from tests.support.sandbox_control import answer_challenge, clear_faults, plan_fault
from tests.support.shopping import RECIPIENT

# Seconds; longer than any lease, retry or deadline, so the rest is stuck.
PATIENCE = 60.0
# Every second customer has a coupon: what orders hold of it is counted at the end.
ENOUGH_USES = 10_000
# Kinds that hit every order of a run. In the others only the orders whose process
# died were hit.
HIT_ALL = frozenset(Kind) - {Kind.WORKER_KILLED, Kind.HUNG, Kind.CROWD}


@dataclass
class Outcome:
    """The counts of a run, and how long its orders took to recover."""

    seed: int
    kind: Kind
    orders: int
    counts: Counts
    recovery: list[float] = field(default_factory=list)  # seconds
    unreached: int = 0  # kill points that no process reached


@dataclass
class Run:
    """A plan that is being carried out."""

    plan: Plan
    shop: LiveStack
    skus: list[str]
    wishes: list[Wish]
    shown: list[UUID | None] = field(default_factory=list)
    answered: dict[UUID, float] = field(default_factory=dict)  # epoch seconds
    healed_at: float = 0.0

    def orders(self) -> list[Order]:
        return orders_with(self.skus)

    def wait_for_ends(self) -> None:
        """Wait until all orders have ended; customers answer their banks meanwhile."""
        deadline = time.monotonic() + PATIENCE
        with supervised(self.shop):
            while self._under_way() and time.monotonic() < deadline:
                self._answer_banks()
                time.sleep(0.1)

    def _under_way(self) -> bool:
        numbers = [order.number for order in self.orders()]
        rows = Saga.objects.filter(reference__in=numbers)
        return rows.exclude(state__in=[*ENDED, "failed"]).exists()

    def _answer_banks(self) -> None:
        asked = Saga.objects.live().filter(waiting_for=WAIT_FOR_CHALLENGE)
        waiting = set(asked.values_list("reference", flat=True))
        for order in self.orders():
            purchase = self._purchase(order)
            if order.number in waiting and order.uid not in self.answered:
                self.answered[order.uid] = time.time()
                if purchase and purchase.bank:
                    answer_challenge(self.shop, order, purchase.bank)

    def _purchase(self, order: Order) -> Purchase | None:
        known = order.uid in self.shown
        return self.plan.purchases[self.shown.index(order.uid)] if known else None

    def recovery(self) -> list[float]:
        """Return the seconds from last blow to end, for each order that was hit."""
        found = []
        for order in self.orders():
            died = died_at(self.shop.paths.data_dir, order.email)
            ends = Saga.objects.filter(reference=order.number).values_list(
                "finished_at", flat=True
            )
            if None in ends or not (died or self.plan.kind in HIT_ALL):
                continue
            end = max(moment.timestamp() for moment in ends if moment)
            blows = (
                order.placed_at.timestamp(),
                died or 0.0,
                self.answered.get(order.uid, 0.0),
                self.healed_at,
            )
            found.append(end - max(blow for blow in blows if blow < end))
        return found


def run(target: Target, plan: Plan) -> Outcome:
    """Carry the plan out and count the results. Afterwards the shop is repaired."""
    with partners(plan.seed, plan.partner) as others:
        return _carry_out(target, plan, others)


def _carry_out(target: Target, plan: Plan, others: Partners) -> Outcome:
    shop = target.shop
    skus = [stock_up(units, name=f"S{plan.seed}") for units in plan.stock]
    code = make_code(f"CHAOS-{plan.seed}", most=ENOUGH_USES).code
    wishes = [
        _wish(shop, skus, purchase, code if number % 2 else "")
        for number, purchase in enumerate(plan.purchases)
    ]
    present = Run(plan, shop, skus, wishes)
    for rule in (*plan.rules, *WEBHOOK_RULES[plan.webhooks]):
        plan_fault(shop, **rule)
    with BLOWS[plan.kind](target), supervised(shop):
        present.shown = buy_all(shop, wishes)
        if plan.to_the_end:
            present.wait_for_ends()
    present.healed_at = time.time()
    # The server may have ended our own connections.
    connections.close_all()
    present.wait_for_ends()
    late_writes = wake(shop, wishes)
    clear_faults(shop)
    counts = count_results(shop, skus, [uid for uid in present.shown if uid])
    counts.findings += late_writes
    if not any(present.shown):
        counts.record("no customer got through to an order")
    recovery = present.recovery()
    unreached = still_armed(shop.paths.data_dir)
    for address in unreached:
        disarm(shop.paths.data_dir, address)
    start_at_once(shop)
    shop.restore()
    others.heal()
    others.count(counts, [order.number for order in present.orders()])
    orders = len(present.orders())
    return Outcome(plan.seed, plan.kind, orders, counts, recovery, len(unreached))


def abort(target: Target, plan: Plan, error: Exception) -> Outcome:
    """Repair the shop for the next run. Return the error as the run's finding."""
    # The server may have ended our own connections.
    connections.close_all()
    clear_faults(target.shop)
    start_at_once(target.shop)
    target.shop.restore()
    return Outcome(plan.seed, plan.kind, 0, Counts(findings=[f"broken off: {error!r}"]))


def supervised(shop: LiveStack) -> AbstractContextManager[None]:
    """Restart services at once, not after their pause; except the sweeper."""
    return meanwhile(lambda: start_at_once(shop, "sweeper"), pause=1.0)


def _wish(shop: LiveStack, skus: list[str], purchase: Purchase, code: str) -> Wish:
    units = {skus[article]: quantity for article, quantity in purchase.units}
    death = purchase.death
    email = (
        arm(shop.paths.data_dir, death.point, death.way, death.role)
        if death
        else RECIPIENT["email"]
    )
    return Wish(units, purchase.card, email, code)


def wake(shop: LiveStack, wishes: Collection[Wish]) -> list[str]:
    """Continue the processes that were stopped past their lease.

    Return a finding for each that wrote something.
    """
    stopped = {
        wish.email: process
        for wish in wishes
        if (process := stopped_process(shop.paths.data_dir, wish.email))
        and f"@{Way.STOP}." in wish.email
    }
    before = {email: _history(email) for email in stopped}
    for process in stopped.values():
        os.kill(process, signal.SIGCONT)
    if stopped:
        time.sleep(1.0)
    return [
        f"a process that was stopped for {email} wrote when it woke"
        for email in stopped
        if _history(email) != before[email]
    ]


def _history(email: str) -> list[tuple[int, str, str]]:
    numbers = list(Order.objects.filter(email=email).values_list("number", flat=True))
    rows = Attempt.objects.filter(saga__reference__in=numbers).order_by("pk")
    return list(rows.values_list("fence", "step", "outcome"))
