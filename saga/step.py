"""One step of a saga, and what it is given when it runs."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise

from saga.callbacks import ask
from saga.changes import SagaChanges, due_at
from saga.claims import move
from saga.models import INPUT, Attempt, Callback, Saga, State
from shop import database_clock
from shop.database_clock import Now

Wording = str | Promise
Read = TypeVar("Read")
# What a step does. It returns its output, or one of saga.results.
Effect = Callable[["Context"], Any]


class Kind(Enum):
    """LOCAL steps only touch our database; EXTERNAL ones call the outside."""

    LOCAL = "local"
    EXTERNAL = "external"


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how late a step is tried again. Seconds."""

    base: float = 1.0
    factor: float = 2.0
    cap: float = 60.0
    jitter: float = 0.2
    max_attempts: int = 5

    def delay(self, attempt: int) -> timedelta:
        """Return the pause after the ``attempt``-th try (from 1), with jitter."""
        pause = min(self.cap, self.base * self.factor ** (attempt - 1))
        spread = 1 + random.uniform(-self.jitter, self.jitter)  # noqa: S311
        return timedelta(seconds=pause * spread)


@dataclass(frozen=True)
class Input:
    """A value that a step reads and that staff may replace when they resume it.

    ``parse`` takes what staff typed and raises ValueError with a sentence for them.
    ``current`` reads the value that the step uses if it is not replaced. Both return
    what JSON can hold.
    """

    name: str
    parse: Callable[[str], Any]
    current: Callable[["Context"], Any]


@dataclass(frozen=True)
class Map:
    """A saga of ``definition`` for each of ``count`` items, some of them at a time.

    ``count`` reads how many there are, once; an item finds itself by ``Context.item``.
    At most ``at_once`` items are under way. One that stopped takes no room, and one
    that staff resume does not wait for room. The step itself is done when all have
    ended. If it is undone, its items are undone first, the last one first.

    An item that aborts is undone. Then all others are too, and the saga turns back;
    or, if ``tolerant``, it is that item's error alone: see ``Context.refused_items``.

    The definition belongs to this Map alone, and has no pivot.
    """

    definition: str
    count: Callable[["Context"], int]
    at_once: int = 4
    tolerant: bool = False


@dataclass(frozen=True)
class Approval:
    """A decision of a person, before the step is done: see ``operations.decide``.

    ``title`` says to staff what they decide. ``permission`` is what the person needs,
    as Django's ``has_perm`` takes it. ``asked_by`` reads who asks for the decision;
    somebody else must make it. If nobody has after ``within``, or if it is no, the step
    aborts with the reason UNDECIDED or DECLINED. So it comes before the pivot.
    """

    title: Wording
    permission: str
    within: timedelta
    asked_by: Callable[["Context"], str] | None = None


@dataclass(frozen=True)
class Step:
    """One step: what it does, how it is undone, and which link runs it.

    LOCAL: ``do`` runs inside the transaction that finishes the step and returns its
    output. EXTERNAL: ``prepare`` runs in the transaction that claims the step,
    ``do`` outside any transaction, ``record`` gets what it returned, inside the
    transaction that finishes the step, and returns the output. ``undo`` and
    ``record_undo`` likewise. ``do`` and ``record`` may return a Wait or PivotPassed.

    ``branch`` names the branch in which it runs; empty for the main path.

    ``begin`` of an EXTERNAL step calls the outside before the claim, at the first try
    only, so that ``prepare`` can store the answer (``Context.begun``) with the claim.
    Only for calls that do no harm if they are made twice, or made and forgotten.

    ``aliases`` are the step's former names: a saga that stands at one of them, under
    an older version, continues here.

    ``dependency`` names what an EXTERNAL step calls: while that does not answer, sagas
    wait before the step (see circuit_breaker). ``may_wait`` raises Abort if a saga
    before its pivot has no time left for that. ``undo_calls`` returns whether the undo
    would call the dependency at all; without it, it does.

    ``prove`` asks the outside whether the step was done by other means. ``skippable``
    steps may be left out by staff. ``inputs`` are what staff may change.

    ``choices`` are the later steps, or END, at which the saga may go on, if ``do`` (or
    ``record``) returns a Choice. ``over`` makes a LOCAL step wait for the items of a
    Map, ``approval`` for the decision of a person; ``do`` follows. ``title`` is what
    staff call it.
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
    choices: tuple[str, ...] = ()
    over: Map | None = None
    approval: Approval | None = None
    title: Wording = ""

    def __post_init__(self) -> None:
        if (self.over or self.approval) and self.kind is not Kind.LOCAL:
            message = f"{self.name}: only a LOCAL step waits for items or a decision"
            raise ValueError(message)
        if self.choices and (self.pivot or self.prove or self.skippable):
            message = f"{self.name}: a step that chooses is no pivot, and always done"
            raise ValueError(message)

    def input(self, name: str) -> Input:
        """Return the input of that name. Raises KeyError if the step has none."""
        return {each.name: each for each in self.inputs}[name]


@dataclass(frozen=True)
class Context:
    """What a step is given: its saga, as claimed. It reads all else from the database.

    ``begun`` is what the step's ``begin`` returned, if that was called.
    """

    saga: Saga
    step: Step
    begun: Any = None
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        return self.saga.reference

    @property
    def claimed_at(self) -> datetime:
        """Return when this try began, by the database's clock. Makes no query."""
        return self.saga.claimed_at or database_clock.read()

    def output(self, step: str) -> dict[str, Any]:
        return self.saga.output(step)

    def input(self, name: str, default: Any) -> Any:
        """Return the value that staff gave this input, or else ``default``."""
        return self.saga.data.get(INPUT, {}).get(name, default)

    def once(self, name: str, read: Callable[[], Read]) -> Read:
        """Return the result of ``read``, which is called once while the claim lasts.

        Only for what nobody else changes meanwhile. A claim that passes on to the next
        step keeps the result.
        """
        if name not in self.kept:
            self.kept[name] = read()
        found: Read = self.kept[name]
        return found

    @property
    def answer(self) -> dict[str, Any] | None:
        """Return the answer of the outside to this step, or None. See ``ask``."""
        rows = Callback.objects.filter(saga=self.saga, step__in=self._names())
        answered = rows.filter(answered_at__isnull=False).order_by("-answered_at")
        found = answered.first()
        return found.payload if found else None

    @property
    def child(self) -> Saga | None:
        """Return the saga that this step started last, or None. See StartChild."""
        rows = Saga.objects.filter(parent=self.saga, parent_step__in=self._names())
        return rows.main_paths().order_by("-pk").first()

    @property
    def item(self) -> tuple[str, int]:
        """Return which item of a Map this saga is: its parent's reference, its number.

        Numbers begin with 0. Raises ValueError if it is none.
        """
        parent, _slash, number = self.reference.rpartition("/")
        return parent, int(number)

    def refused_items(self) -> Iterator[tuple[int, str]]:
        """Yield the items of this step's Map that were undone: number, error."""
        if self.step.over is None:
            return
        rows = Saga.objects.filter(
            parent=self.saga,
            definition=self.step.over.definition,
            state=State.COMPENSATED,
        )
        # Undoing has cleared the error of an item that had something to undo.
        refusals = Attempt.objects.filter(
            saga=OuterRef("pk"), outcome=Attempt.Outcome.REFUSED
        ).order_by("-pk")
        errors = rows.annotate(why=Subquery(refusals.values("error")[:1]))
        for reference, error in errors.order_by("pk").values_list("reference", "why"):
            yield int(reference.rpartition("/")[2]), error or ""

    def ask(self, until: datetime) -> str:
        """Return a token with which the outside may answer this step until then.

        It is valid at once: an answer that comes before the step has begun to wait is
        stored as well. Each call returns another token; the first answer counts. Raises
        LostClaim.
        """
        with self.checkpoint():
            return ask(self.saga.pk, self.step.name, self.saga.fence, until)

    def _names(self) -> list[str]:
        return [self.step.name, *self.step.aliases]

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Write something between two calls of an external step, if the claim stands.

        One transaction. Renews the lease. Raises LostClaim if another worker has taken
        over, and then writes nothing.
        """
        with transaction.atomic():
            kept: SagaChanges = {"claimed_by": self.saga.claimed_by}
            move(self.saga, kept | due_at(Now(self.step.lease)))
            yield
