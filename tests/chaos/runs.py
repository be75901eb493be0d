"""One run: a plan's orders are placed while things break, and all ends by itself."""

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
from tests.chaos.blows import BLOWS, Ground, meanwhile
from tests.chaos.buyers import Wish, buy_all
from tests.chaos.counts import ENDED, Census, orders_with, take_census
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
from tests.support.customer import RECIPIENT
from tests.support.goods import stock_up
from tests.support.live import LiveStack
from tests.support.sandbox_control import answer_challenge, clear_faults, plan_fault

# What has no lease, retry or deadline left by then never moves again: seconds.
PATIENCE = 60.0
# Kinds that hit every order of a run; of the others only those whose process died.
HIT_ALL = frozenset(Kind) - {Kind.WORKER_KILLED, Kind.HUNG, Kind.CROWD}


@dataclass
class Outcome:
    """What a run left, and how long the orders that it hit took to recover."""

    seed: int
    kind: Kind
    orders: int
    census: Census
    recovery: list[float] = field(default_factory=list)  # seconds
    unreached: int = 0  # kill points that no process reached


@dataclass
class Run:
    """A plan on its way."""

    plan: Plan
    shop: LiveStack
    skus: list[str]
    wishes: list[Wish]
    shown: list[UUID | None] = field(default_factory=list)
    answered: dict[UUID, float] = field(default_factory=dict)  # epoch seconds
    healed_at: float = 0.0

    def orders(self) -> list[Order]:
        return orders_with(self.skus)

    def settle(self) -> None:
        """Wait until every order has ended; customers answer their banks meanwhile."""
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
        """Return seconds from the last blow to the end, for each order that was hit."""
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


def run(ground: Ground, plan: Plan) -> Outcome:
    """Carry the plan out and judge what it left. The shop is whole again afterwards."""
    shop = ground.shop
    skus = [stock_up(units, name=f"S{plan.seed}") for units in plan.stock]
    wishes = [_wish(shop, skus, purchase) for purchase in plan.purchases]
    present = Run(plan, shop, skus, wishes)
    for rule in (*plan.rules, *WEBHOOK_RULES[plan.webhooks]):
        plan_fault(shop, **rule)
    with BLOWS[plan.kind](ground), supervised(shop):
        present.shown = buy_all(shop, wishes)
        if plan.to_the_end:
            present.settle()
    present.healed_at = time.time()
    # The server may have ended our own connections.
    connections.close_all()
    present.settle()
    zombies = _wake(shop, wishes)
    clear_faults(shop)
    census = take_census(shop, skus, [uid for uid in present.shown if uid])
    census.findings += zombies
    if not any(present.shown):
        census.found("no customer got through to an order")
    recovery = present.recovery()
    unreached = still_armed(shop.paths.data_dir)
    for address in unreached:
        disarm(shop.paths.data_dir, address)
    start_at_once(shop)
    shop.restore()
    orders = len(present.orders())
    return Outcome(plan.seed, plan.kind, orders, census, recovery, len(unreached))


def broken_off(ground: Ground, plan: Plan, error: Exception) -> Outcome:
    """Say what kept a run from its end, and make the shop whole for the next one."""
    clear_faults(ground.shop)
    start_at_once(ground.shop)
    ground.shop.restore()
    return Outcome(plan.seed, plan.kind, 0, Census(findings=[f"broken off: {error!r}"]))


def supervised(shop: LiveStack) -> AbstractContextManager[None]:
    """Let no program rest that died often; but for the sweeper, which has a second."""
    return meanwhile(lambda: start_at_once(shop, "sweeper"), pause=1.0)


def _wish(shop: LiveStack, skus: list[str], purchase: Purchase) -> Wish:
    units = {skus[article]: quantity for article, quantity in purchase.units}
    death = purchase.death
    email = (
        arm(shop.paths.data_dir, death.point, death.way, death.role)
        if death
        else RECIPIENT["email"]
    )
    return Wish(units, purchase.card, email)


def _wake(shop: LiveStack, wishes: Collection[Wish]) -> list[str]:
    """Let processes go on that were stopped past their lease; name what they change."""
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
