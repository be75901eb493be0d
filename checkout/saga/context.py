"""What a step is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from checkout.saga.claims import move
from checkout.saga.definition import Step
from checkout.saga.models import INPUT, Saga


@dataclass(frozen=True)
class Context:
    """One claimed step of one saga. Steps read all else from the database."""

    saga: Saga
    step: Step

    @property
    def reference(self) -> str:
        return self.saga.reference

    def output(self, step: str) -> dict[str, Any]:
        return self.saga.output(step)

    def input(self, name: str, default: Any) -> Any:
        """Return what staff put in this input's place, or else ``default``."""
        return self.saga.data.get(INPUT, {}).get(name, default)

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
