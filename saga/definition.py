"""What a saga consists of: steps in links, policies, the pivot."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from saga.errors import UnknownDefinition

if TYPE_CHECKING:
    from saga.alerting import Channels
    from saga.context import Context
    from saga.models import Saga

# The one task that undoes a saga of any definition; its queue bears the same name.
COMPENSATION_TASK = "checkout.undo"


class Kind(Enum):
    """LOCAL steps only touch our database; EXTERNAL ones call the outside."""

    LOCAL = "local"
    EXTERNAL = "external"


@dataclass(frozen=True)
class Branch:
    """Steps that run aside, in parallel with what follows the step ``after``.

    The steps name it. One that splits off before the pivot has ended before the
    pivot begins, because behind the pivot nothing can be refused any more; every
    other one has ended before the saga ends.
    """

    name: str
    after: str


Effect = Callable[["Context"], Any]


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how late a step is tried again. Seconds."""

    base: float = 1.0
    factor: float = 2.0
    cap: float = 60.0
    jitter: float = 0.2
    max_attempts: int = 5

    def delay(self, attempt: int) -> timedelta:
        """Return the pause after the ``attempt``-th try (from 1), jittered."""
        pause = min(self.cap, self.base * self.factor ** (attempt - 1))
        spread = 1 + random.uniform(-self.jitter, self.jitter)  # noqa: S311
        return timedelta(seconds=pause * spread)


@dataclass(frozen=True)
class Input:
    """Something a step reads that staff may replace when they resume it.

    ``parse`` takes what staff typed and raises ValueError with a sentence for them.
    ``current`` reads what the step would use if nobody had replaced it. Both return
    what JSON can hold.
    """

    name: str
    parse: Callable[[str], Any]
    current: Callable[["Context"], Any]


@dataclass(frozen=True)
class Step:
    """One step: what it does, how it is undone, and in which link it rides.

    LOCAL: ``do`` runs inside the transaction that finishes the step and returns its
    output. EXTERNAL: ``prepare`` runs in the transaction that claims the step,
    ``do`` outside any transaction, ``record`` gets what it returned, inside the
    transaction that finishes the step, and returns the output. ``undo`` and
    ``record_undo`` likewise. ``do`` and ``record`` may return a Wait or PivotPassed.

    ``branch`` names the branch in which it runs; empty for the main path.

    ``begin`` of an EXTERNAL step calls the outside before the claim, at the first try
    only, so that ``prepare`` can store the answer (``Context.begun``) with the claim.
    Only for what does no harm when it is done twice, or done and forgotten.

    ``aliases`` are the step's former names: a saga that stands at one of them, under
    an older version, continues here.

    ``dependency`` is what an EXTERNAL step calls, by a name of its own: while that does
    not answer, sagas park here (see breaker). ``may_wait`` raises Abort when one that
    was not charged has no time left for that. ``undo_calls`` tells whether the undo
    would call the dependency at all; without it, it does.
    """

    name: str
    link: str
    kind: Kind
    do: Effect
    undo: Effect | None = None
    begin: Effect | None = None
    prepare: Effect | None = None
    record: Callable[["Context", Any], Any] | None = None
    record_undo: Callable[["Context", Any], Any] | None = None
    pivot: bool = False
    branch: str = ""
    aliases: tuple[str, ...] = ()
    dependency: str = ""
    may_wait: Callable[["Context"], None] | None = None
    undo_calls: Callable[["Saga"], bool] | None = None
    lease: timedelta = timedelta(seconds=60)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    prove: Effect | None = None
    skippable: bool = False
    inputs: tuple[Input, ...] = ()

    def input(self, name: str) -> Input:
        """Raise KeyError when the step has no such input for staff to change."""
        return {each.name: each for each in self.inputs}[name]


@dataclass(frozen=True)
class Definition:
    """A named, versioned sequence of steps, some of them in branches beside the others.

    ``steps`` are all of them, those of each branch in their order. Raises ValueError
    when branches and steps do not fit together.

    ``channels`` returns, by name, all the ways by which staff are told of a saga that
    needs them.

    Whoever inserts, removes or renames a step raises ``version``. ``retired`` are
    steps that are no longer done, kept for their undo: of sagas that did them before.
    ``oldest`` is the oldest version whose sagas this code can continue.
    """

    name: str
    version: int
    steps: tuple[Step, ...]
    channels: Callable[[], "Channels"]
    branches: tuple[Branch, ...] = ()
    retired: tuple[Step, ...] = ()
    oldest: int = 1

    def __post_init__(self) -> None:
        branches, main_path = {branch.name for branch in self.branches}, self.along("")
        for step in self.steps:
            if step.branch and (step.branch not in branches or step.pivot):
                message = (
                    f"{step.name}: no such branch, or a pivot outside of the main path"
                )
                raise ValueError(message)
        for branch in self.branches:
            if branch.after not in {step.name for step in main_path}:
                message = (
                    f"branch {branch.name} splits off after no step of the main path"
                )
                raise ValueError(message)

    def along(self, branch: str) -> tuple[Step, ...]:
        """Return the steps of one branch in their order; of the main path for ""."""
        return tuple(step for step in self.steps if step.branch == branch)

    def splitting_off(self, name: str) -> list[Branch]:
        """Return the branches that begin when the main path's step ``name`` is done."""
        branches = [branch for branch in self.branches if self.along(branch.name)]
        return [
            branch for branch in branches if self.step(branch.after) == self.step(name)
        ]

    def joined_before(self, step: Step | None) -> list[Branch]:
        """Return the branches that end before ``step``; for None, before the end."""
        if step is not None and not step.pivot:
            return []
        main_path = self.along("")
        earlier = main_path if step is None else main_path[: main_path.index(step)]
        return [branch for each in earlier for branch in self.splitting_off(each.name)]

    @property
    def has_early_lanes(self) -> bool:
        """Whether branches split off where all may still be undone."""
        pivot = next((step for step in self.along("") if step.pivot), None)
        return bool(self.joined_before(pivot))

    @property
    def links(self) -> list[str]:
        """Return every link once."""
        return list(dict.fromkeys(step.link for step in self.steps))

    def step(self, name: str, *, undo: bool = False) -> Step:
        """Return the step of that present or former name; to ``undo``, a retired one.

        Raises UnknownDefinition.
        """
        retired = self.retired if undo else ()
        for step in (*retired, *self.steps):
            if step.name == name:
                return step
        for step in self.steps:
            if name in step.aliases:
                return step
        message = (
            f"this code has no step {name!r} of {self.name!r} (version {self.version}):"
            " deploy the version that has it, or name it among a step's aliases"
        )
        raise UnknownDefinition(message)

    def check_version(self, version: int) -> None:
        """Raise UnknownDefinition when this code cannot continue that version."""
        if self.oldest <= version <= self.version:
            return
        message = (
            f"this code has no version {version} of {self.name!r}, it continues"
            f" {self.oldest} to {self.version}: deploy version {version} or one that"
            " continues it"
        )
        raise UnknownDefinition(message)

    def after(self, name: str) -> Step | None:
        """Return the step that follows ``name`` in its branch, or None at the end."""
        remaining = self.remaining(name)
        return remaining[1] if len(remaining) > 1 else None

    def remaining(self, name: str) -> tuple[Step, ...]:
        """Return the steps of its branch from ``name`` on."""
        step = self.step(name)
        branch = self.along(step.branch)
        return branch[branch.index(step) :]

    def carries(self, link: str, step: Step) -> bool:
        """Whether a message of ``link`` does ``step``.

        It does its own steps, and the local ones behind an external step of its own:
        they are done where that one's answer is recorded, and need no message.
        """
        branch = self.along(step.branch)
        before = reversed(branch[: branch.index(step) + 1])
        external = next((each for each in before if each.kind is Kind.EXTERNAL), None)
        return link == step.link or (external is not None and link == external.link)

    def ahead(self, name: str) -> tuple[Step, ...]:
        """Return the steps from ``name`` on, and those of branches not yet begun."""
        coming = list(self.remaining(name))
        for step in coming if not self.step(name).branch else []:
            for branch in self.splitting_off(step.name):
                coming += self.along(branch.name)
        return tuple(step for step in self.steps if step in coming)

    def today(self, name: str) -> str:
        """Return the step's present name; ``name`` itself where it is not known."""
        try:
            return self.step(name, undo=True).name
        except UnknownDefinition:
            return name

    def remaining_links(self, name: str) -> list[str]:
        """Return the links that take a saga from step ``name`` to its branch's end."""
        first, *rest = self.remaining(name)
        links = [first.link]
        for step in rest:
            if not self.carries(links[-1], step):
                links.append(step.link)
        return links

    def is_behind(self, name: str, link: str) -> bool:
        """Whether ``link`` carries no step from ``name`` on."""
        return not any(self.carries(link, step) for step in self.remaining(name))


_definitions: dict[str, Definition] = {}


def register(definition: Definition) -> Definition:
    """Make a definition known to engine, sweeper and commands."""
    _definitions[definition.name] = definition
    return definition


def get_definition(name: str) -> Definition:
    """Raise UnknownDefinition when this code has none of that name."""
    try:
        return _definitions[name]
    except KeyError:
        message = (
            f"this code has no saga called {name!r}: deploy the version that has it"
        )
        raise UnknownDefinition(message) from None


def any_definition(name: str) -> Definition:
    """Return that definition, else any: somebody must be told of a saga without one.

    Raises UnknownDefinition when this code has none at all.
    """
    present = _definitions.get(name, next(iter(_definitions.values()), None))
    return present or get_definition(name)


def all_definitions() -> list[Definition]:
    """Return every definition of this code, by name."""
    return sorted(_definitions.values(), key=lambda definition: definition.name)
