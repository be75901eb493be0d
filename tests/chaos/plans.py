"""What each seed breaks. A seed breaks the same things on every machine.

Of twenty seeds in a row eight take cells of the kill matrix, and every other fault
comes once, in an order that the seeds decide. One hundred seeds in a row visit every
cell of the matrix: kill point x process x webhooks.
"""

import random
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from tests.chaos.buyers import DECLINED, THREE_D_SECURE, VISA
from tests.chaos.kill_points import points
from tests.chaos.kill_points.trigger import Role, Way

Rule = dict[str, Any]
ENOUGH = 100_000  # how often a rule applies that lasts for a whole run


class Kind(StrEnum):
    """What a run breaks. The value is the name of its line in the table."""

    WORKER_KILLED = "worker or web process killed"
    SWEEPER_KILLED = "sweeper killed, broker away"
    FLUSHED = "broker flushed under load"
    BROKER_KILLED = "broker killed under load"
    BROKER_AWAY = "broker away"
    THRICE = "every message three times"
    HUNG = "worker stopped past its lease"
    PROVIDER = "provider fails before or after"
    WEBHOOKS = "webhooks lost, doubled, shuffled"
    TWO_SWEEPERS = "two sweepers, workers hang"
    DATABASE = "database restarted"
    COMMITS = "commits without an answer"
    MAIL = "mail server away"
    CROWD = "carts with the same goods"
    EVERYTHING = "all processes killed"
    # Of a database with a standby.
    PRIMARY_KILLED = "database's primary killed, failover"
    # Of a broker that is a service of its own (outside_brokers.py).
    CUT = "connections to the broker cut"
    FROZEN = "broker hangs"
    FULL = "broker out of memory"
    FAILED_OVER = "broker's master killed, failover"


class Webhooks(StrEnum):
    """What happens to the provider's webhooks."""

    NONE = "none"
    EARLY = "early"
    DOUBLED = "doubled"
    LATE = "late"
    SHUFFLED = "shuffled"


class Partner(StrEnum):
    """How the second of a run's webhook endpoints fails until everything is mended."""

    SLOW = "slow"
    ERROR = "answers-500"
    DEAD = "dead"


_EARLY = [
    {"operation": call, "kind": "withhold", "seconds": 0.4, "times": ENOUGH}
    for call in ("confirm", "capture", "cancel")
]
WEBHOOK_RULES: dict[Webhooks, list[Rule]] = {
    Webhooks.NONE: [{"kind": "webhook_drop", "times": ENOUGH}],
    # The webhook is sent at once, the answer to our call later.
    Webhooks.EARLY: _EARLY,
    Webhooks.DOUBLED: [{"kind": "webhook_duplicate", "times": ENOUGH}],
    Webhooks.LATE: [{"kind": "webhook_delay", "seconds": 2, "times": ENOUGH}],
    Webhooks.SHUFFLED: [{"kind": "webhook_reorder", "times": ENOUGH}],
}
MATRIX_WEBHOOKS = (Webhooks.NONE, Webhooks.EARLY, Webhooks.DOUBLED, Webhooks.LATE)

# The SDK repeats a call once, so most faults must come twice to have an effect.
# Answers are withheld for longer than STRIPE_TIMEOUT.
NO_CLEAR_ANSWER: list[Rule] = [
    {"kind": "withhold", "seconds": 2.5, "times": 2},
    {"kind": "cut_after", "times": 2},
    {"kind": "cut_before", "times": 2},
    {"kind": "error_after", "status": 500, "times": 1},
    {"kind": "error_before", "status": 500, "times": 1},
    {"kind": "error_before", "status": 409, "times": 2},
    {"kind": "error_before", "status": 429, "times": 2},
]
BANK = ("complete", "complete", "complete", "fail", "")
CALLS = ("create", "confirm", "capture", "cancel")


Units = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Death:
    """At which kill point, how and which process dies for an order."""

    point: str
    way: Way = Way.PROCESS
    role: Role = Role.ANY


@dataclass(frozen=True)
class Purchase:
    """One cart: (article's position, quantity), the card, and the process that dies.

    ``bank`` is the customer's answer to the bank: ``complete``, ``fail`` or none ("").
    """

    units: Units
    card: str = VISA
    death: Death | None = None
    bank: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that one seed decides."""

    seed: int
    kind: Kind
    webhooks: Webhooks
    stock: tuple[int, ...]
    purchases: tuple[Purchase, ...]
    rules: tuple[Rule, ...] = ()
    # Whether a service that is away returns only after every order has ended.
    to_the_end: bool = False

    @property
    def partner(self) -> Partner:
        """Return how the second endpoint fails, drawn apart from all the rest."""
        return random.Random(f"partner {self.seed}").choice(list(Partner))  # noqa: S311


def cells(role: Role) -> list[Death]:
    """Return the matrix' kill points for this kind of process."""
    ways = [*points.forward(), *points.backward()]
    first, *later = points.messages()
    if role is Role.WORKER:
        # The web process sends the first message, workers send the others.
        inside = [Death(point, role=role) for point in [*ways, *later]]
        return [*inside, Death(first, role=Role.WEB)]
    return [Death(point, role=role) for point in [*ways, first]]


def plan(seed: int, *, server: bool) -> Plan:
    """Return the plan of a seed. ``server``: the database is a server that can fail."""
    chance = random.Random(seed)  # noqa: S311
    block, position = divmod(seed - 1, BLOCK)
    order = list(_SLOTS)
    random.Random(f"block {block}").shuffle(order)  # noqa: S311
    kind = order[position]
    if kind in MATRIX:
        before = sum(one is kind for one in order[:position])
        return _of_matrix(seed, kind, block * EACH + before, chance)
    if kind in (Kind.DATABASE, Kind.COMMITS) and not server:
        kind = Kind.EVERYTHING
    return _of_faults(seed, kind, chance)


def plan_with(broker: str, seed: int) -> Plan:
    """Return the plan of a seed for a shop with this broker outside of it."""
    chance = random.Random(f"{broker} {seed}")  # noqa: S311
    kinds = OUTSIDE[broker]
    block, position = divmod(seed - 1, len(kinds))
    order = list(kinds)
    random.Random(f"{broker} {block}").shuffle(order)  # noqa: S311
    kind = order[position]
    if kind in MATRIX:
        return _of_matrix(seed, kind, block, chance)
    return _of_faults(seed, kind, chance)


def plan_replicated(seed: int) -> Plan:
    """Return the plan of a seed for a database with a standby, which takes over."""
    chance = random.Random(f"replicated {seed}")  # noqa: S311
    return _of_faults(seed, Kind.PRIMARY_KILLED, chance)


MATRIX = {Kind.WORKER_KILLED: Role.WORKER, Kind.SWEEPER_KILLED: Role.SWEEPER}
_OF_BROKERS = (Kind.CUT, Kind.FROZEN, Kind.FULL, Kind.FAILED_OVER)
_ANY_BROKER = (
    *MATRIX,
    *(Kind.FLUSHED, Kind.BROKER_KILLED, Kind.BROKER_AWAY, Kind.THRICE),
    *(Kind.CUT, Kind.FROZEN, Kind.EVERYTHING),
)
# Broker -> the kinds of its blocks of seeds, each of which comes once in a block.
OUTSIDE = {
    "rabbitmq": (*_ANY_BROKER, Kind.FULL),
    "sentinel": (*_ANY_BROKER, Kind.FAILED_OVER),
}
_OTHERS = [
    kind
    for kind in Kind
    if kind not in (*MATRIX, *_OF_BROKERS, Kind.EVERYTHING, Kind.PRIMARY_KILLED)
]
EACH = 4  # runs of a block for each side of the matrix
_SLOTS = [*_OTHERS, *(kind for kind in MATRIX for _run in range(EACH))]
BLOCK = len(_SLOTS)
# The number of runs over which a side of the matrix is spread, for each webhook kind.
PARTS = 5


def _of_matrix(seed: int, kind: Kind, number: int, chance: random.Random) -> Plan:
    sides = list(product(range(PARTS), MATRIX_WEBHOOKS))
    part, webhooks = sides[number % len(sides)]
    deaths = cells(MATRIX[kind])
    random.Random(f"{kind} {webhooks}").shuffle(deaths)  # noqa: S311
    chosen = deaths[part::PARTS]
    chance.shuffle(chosen)
    backward = set(points.backward())
    purchases = [
        Purchase(((0, 1),), DECLINED if death.point in backward else VISA, death)
        for death in chosen
    ]
    return Plan(
        seed,
        kind,
        webhooks,
        stock=(len(purchases),),
        purchases=tuple(purchases),
        to_the_end=kind is Kind.SWEEPER_KILLED,
    )


def _of_faults(seed: int, kind: Kind, chance: random.Random) -> Plan:
    webhooks = chance.choice(list(Webhooks))
    if kind is Kind.WEBHOOKS:
        webhooks = chance.choice([one for one in Webhooks if one is not Webhooks.EARLY])
    stock, carts = _carts(kind, chance)
    deaths = _deaths(kind, len(carts), chance)
    cards = [_card(kind, death, chance) for death in deaths]
    return Plan(
        seed,
        kind,
        webhooks,
        stock=stock,
        purchases=tuple(
            Purchase(units, card, death, chance.choice(BANK))
            for units, card, death in zip(carts, cards, deaths, strict=True)
        ),
        rules=tuple(_rules(kind, chance)),
        to_the_end=kind is Kind.TWO_SWEEPERS
        or (kind is Kind.BROKER_AWAY and chance.random() < 0.5),
    )


def _carts(kind: Kind, chance: random.Random) -> tuple[tuple[int, ...], list[Units]]:
    """Return the stock of each article and the contents of each cart."""
    if kind is not Kind.CROWD:
        carts: list[Units] = [
            tuple(
                (article, chance.randint(1, 2)) for article in chance.sample((0, 1), n)
            )
            for n in (chance.randint(1, 2) for _cart in range(chance.randint(5, 8)))
        ]
        return (40, 40), carts
    crowd: list[Units] = []
    for _cart in range(chance.randint(14, 20)):
        articles = chance.sample(range(6), chance.randint(2, 4))
        crowd.append(tuple((article, chance.randint(1, 3)) for article in articles))
    # About half of what all carts hold: some orders must be refused.
    return tuple(chance.randint(5, 10) for _article in range(6)), crowd


def _deaths(kind: Kind, number: int, chance: random.Random) -> list[Death | None]:
    """Return the death for each order, in addition to what the run breaks."""
    forward = points.forward()
    if kind is Kind.HUNG:
        # Never at a kill point where the process holds the database's lock.
        outside = [point for point in forward if point.endswith(".called")]
        stops = [
            Death(chance.choice(outside), Way.STOP, Role.WORKER) for _two in range(2)
        ]
        return [*stops, *(None for _rest in range(number - 2))]
    if kind is Kind.TWO_SWEEPERS:
        return [Death(chance.choice(forward), role=Role.SWEEPER) for _ in range(number)]
    return [
        Death(chance.choice(forward)) if chance.random() < 0.3 else None
        for _order in range(number)
    ]


def _card(kind: Kind, death: Death | None, chance: random.Random) -> str:
    if kind is Kind.WEBHOOKS and death is None:
        return THREE_D_SECURE
    if kind is Kind.PROVIDER and death is None and chance.random() < 0.3:
        return DECLINED
    return VISA


def _rules(kind: Kind, chance: random.Random) -> list[Rule]:
    if kind is not Kind.PROVIDER:
        return []
    return [
        {"operation": chance.choice(CALLS), **chance.choice(NO_CLEAR_ANSWER)}
        for _rule in range(chance.randint(3, 6))
    ]
