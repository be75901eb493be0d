"""What a step is given."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from checkout.saga.claims import move
from checkout.saga.definition import Step
from checkout.saga.models import INPUT, Saga

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
