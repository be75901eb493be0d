"""What each seed breaks in a shop with a warehouse system.

A world of its own: a seed of ``make chaos WAREHOUSE=sandbox`` has nothing in common
with the same seed without a warehouse. Of BLOCK seeds in a row each comes with another
kind of fault, in an order that the seeds decide.
"""

import random
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from orders.models import Shortage
from sandboxes.warehouse import faults
from tests.chaos.kill_points import points
from tests.chaos.kill_points.trigger import Role, Way
from tests.chaos.plans import Death, Purchase, Units, Webhooks

Rule = dict[str, Any]
Choice = Shortage.Choice


class Kind(StrEnum):
    """What a run breaks. The value is the name of its line in the table."""

    EACH = "each fault of the warehouse once"
    ANSWERS = "warehouse's answers lost, late or 500"
    REPORTS = "reports late, doubled, shuffled, lost"
    GOODS = "short, rejected, split, returned"
    SILENT = "warehouse silent"
    CLOCK = "warehouse's clock wrong"
    KILLED = "warehouse killed"
    AWAY = "warehouse away"
    STEPS = "worker killed in a shipment's step"
    CANCELLING = "worker killed in a cancellation"
    SWEEPER = "sweeper killed, broker away"
    HUNG = "worker stopped past its lease"
    THRICE = "every message three times"
    FLUSHED = "broker flushed under load"
    DATABASE = "database restarted"
    COMMITS = "commits without an answer"
    EVERYTHING = "all processes killed"


_OF_A_SERVER = (Kind.DATABASE, Kind.COMMITS)
BLOCK = len(Kind)
CALLS = ("", "shipment.request", "shipment.status", "shipment.cancel")


@dataclass(frozen=True)
class Errand:
    """What staff do about one order.

    They cancel it ``cancel_after`` seconds after it was placed; ``asked`` if the
    customer asks for it. ``missing`` is what they choose if goods are missing,
    ``resumes`` if they have a rejected order asked for again (else they cancel it), and
    ``skips`` if they settle a parcel that came back (else they leave it as it is).
    """

    cancel_after: float | None
    asked: bool
    missing: Choice
    resumes: bool
    skips: bool


@dataclass(frozen=True)
class Plan:
    """Everything that one seed decides. ``hold`` is how long an outage lasts at least.

    ``each``: the rules belong to the first orders, in turn, instead of to any.
    """

    seed: int
    kind: Kind
    webhooks: Webhooks
    stock: tuple[int, ...]
    purchases: tuple[Purchase, ...]
    errands: tuple[Errand, ...]
    rules: tuple[Rule, ...]
    hold: float
    each: bool = False


def plan(seed: int, *, server: bool) -> Plan:
    """Return the plan of a seed. ``server``: the database is a server that can fail."""
    chance = random.Random(f"warehouse {seed}")  # noqa: S311
    block, position = divmod(seed - 1, BLOCK)
    order = list(Kind)
    random.Random(f"warehouse block {block}").shuffle(order)  # noqa: S311
    kind = order[position]
    if kind in _OF_A_SERVER and not server:
        kind = Kind.EVERYTHING
    return _each(seed) if kind is Kind.EACH else _drawn(seed, kind, chance)


def first_seed(kind: Kind, *, server: bool) -> int:
    """Return the first seed of that kind."""
    seeds = range(1, BLOCK + 1)
    return next(seed for seed in seeds if plan(seed, server=server).kind is kind)


EACH_RULES: tuple[Rule, ...] = (
    {"kind": "silence"},
    *({"kind": kind, "call": CALLS[1], "seconds": 2.5} for kind in faults.CALLS),
    *({"kind": kind, "seconds": 2.5} for kind in (*faults.REPORTS, *faults.ORDERS)),
)


def _each(seed: int) -> Plan:
    """Return the plan with an order for each fault, and two that are cancelled."""
    errand = Errand(None, asked=False, missing=Choice.PART, resumes=True, skips=True)
    cancels = (
        replace(errand, cancel_after=0.5),
        replace(errand, cancel_after=1.0, asked=True),
    )
    errands = (errand,) * len(EACH_RULES) + cancels
    count = len(errands)
    return Plan(
        seed,
        Kind.EACH,
        Webhooks.SHUFFLED,
        stock=(2 * count, count),
        purchases=(Purchase(((0, 2), (1, 1))),) * count,
        errands=errands,
        rules=EACH_RULES,
        hold=3.0,
        each=True,
    )


def _drawn(seed: int, kind: Kind, chance: random.Random) -> Plan:
    carts = [_cart(chance) for _cart_ in range(chance.randint(5, 8))]
    errands = [_errand(kind, chance) for _cart_ in carts]
    deaths = [_death(kind, errand, chance) for errand in errands]
    if kind is Kind.HUNG:
        # Two workers at most: there are not many.
        deaths = [*deaths[:2], *(None for _rest in deaths[2:])]
    return Plan(
        seed,
        kind,
        chance.choice(list(Webhooks)),
        stock=(60, 60),
        purchases=tuple(
            Purchase(units, death=death)
            for units, death in zip(carts, deaths, strict=True)
        ),
        errands=tuple(errands),
        rules=tuple(_rules(kind, chance)),
        hold=chance.uniform(2.0, 8.0),
    )


def _cart(chance: random.Random) -> Units:
    articles = chance.sample((0, 1), chance.randint(1, 2))
    return tuple((article, chance.randint(1, 3)) for article in articles)


def _errand(kind: Kind, chance: random.Random) -> Errand:
    share = 0.9 if kind is Kind.CANCELLING else 0.35
    # The parcel leaves about six seconds after the order was placed.
    after = chance.uniform(0.0, 9.0)
    return Errand(
        cancel_after=after if chance.random() < share else None,
        asked=chance.random() < 0.5,
        missing=chance.choice((Choice.PART, Choice.WAIT, Choice.SUBSTITUTE)),
        resumes=chance.random() < 0.7,
        skips=chance.random() < 0.5,
    )


def _death(kind: Kind, errand: Errand, chance: random.Random) -> Death | None:
    """Return where a process dies for the order: while it is sent, or cancelled."""
    cancelled = errand.cancel_after is not None
    places = points.cancelling() if cancelled else points.shipping()
    if kind is Kind.HUNG:
        # Never at a kill point where the process holds the database's lock.
        outside = [point for point in places if point.endswith(".called")]
        return Death(chance.choice(outside), Way.STOP, Role.WORKER)
    always = kind in (Kind.STEPS, Kind.CANCELLING, Kind.SWEEPER)
    if not always and chance.random() > 0.3:
        return None
    role = Role.SWEEPER if kind is Kind.SWEEPER else Role.WORKER
    way = Way.GROUP if chance.random() < 0.2 else Way.PROCESS
    return Death(chance.choice(places), way, role)


def _rules(kind: Kind, chance: random.Random) -> list[Rule]:
    """Return the faults of the sandbox: many of the run's own kind, few of others."""
    own = {
        Kind.ANSWERS: faults.CALLS,
        Kind.REPORTS: faults.REPORTS,
        Kind.GOODS: faults.ORDERS,
    }.get(kind, ())
    found = [_rule(chance.choice(own), chance) for _rule_ in range(8) if own]
    others = (*faults.CALLS, *faults.REPORTS, *faults.ORDERS)
    return found + [_rule(chance.choice(others), chance) for _rule_ in range(3)]


def _rule(fault: str, chance: random.Random) -> Rule:
    call = chance.choice(CALLS) if fault in faults.CALLS else ""
    times = chance.randint(1, 2)
    seconds = round(chance.uniform(1.0, 5.0), 1)
    return {"kind": fault, "call": call, "times": times, "seconds": seconds}
