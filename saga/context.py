"""What a step is given."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from saga.callbacks import ask
from saga.claims import move
from saga.definition import Step
from saga.models import INPUT, Callback, Saga

Read = TypeVar("Read")


@dataclass(frozen=True)
class Context:
    """One claimed step of one saga. Steps read all else from the database.

    ``begun`` is what the step's ``begin`` brought, if that was called.
    """

    saga: Saga
    step: Step
    begun: Any = None
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        return self.saga.reference

    def output(self, step: str) -> dict[str, Any]:
        return self.saga.output(step)

    def input(self, name: str, default: Any) -> Any:
        """Return what staff put in this input's place, or else ``default``."""
        return self.saga.data.get(INPUT, {}).get(name, default)

    def once(self, name: str, read: Callable[[], Read]) -> Read:
        """Return what ``read`` brings, asked for once while the claim lasts.

        For what nobody else changes meanwhile; a claim that is passed on to the next
        step brings it along.
        """
        if name not in self.kept:
            self.kept[name] = read()
        found: Read = self.kept[name]
        return found

    @property
    def answer(self) -> dict[str, Any] | None:
        """Return what the outside answered to this step, or None: see ``ask``."""
        rows = Callback.objects.filter(saga=self.saga, step__in=self._names())
        answered = rows.filter(answered_at__isnull=False).order_by("-answered_at")
        found = answered.first()
        return found.payload if found else None

    @property
    def child(self) -> Saga | None:
        """Return the saga that this step started last, or None: see StartChild."""
        rows = Saga.objects.filter(parent=self.saga, parent_step__in=self._names())
        return rows.main_paths().order_by("-pk").first()

    def ask(self, until: datetime) -> str:
        """Return a token by which the outside may answer this step until then.

        It is good from now on: an answer that comes before the step has begun to wait
        is kept as well. Each call gives another one; the first answer counts. Raises
        LostClaim.
        """
        with self.checkpoint():
            return ask(self.saga.pk, self.step.name, self.saga.fence, until)

    def _names(self) -> list[str]:
        return [self.step.name, *self.step.aliases]

    @property
    def lease_end(self) -> datetime:
        return timezone.now() + self.step.lease

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """Write something between two calls of an external step, if the claim stands.

        One transaction. Renews the lease. Raises LostClaim when somebody else has
        taken over, and then writes nothing.
        """
        with transaction.atomic():
            end = self.lease_end
            move(self.saga, due_at=end, sweep_at=end, claimed_by=self.saga.claimed_by)
            yield
