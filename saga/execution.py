"""A saga together with the code that runs it."""

from dataclasses import dataclass, replace

from saga.definition import Definition
from saga.models import Direction, Saga
from saga.step import Step


@dataclass(frozen=True)
class Execution:
    """One saga, as it was read, and its definition in today's code."""

    saga: Saga
    definition: Definition

    @property
    def step(self) -> Step:
        """Return the saga's present step. Raises UnknownDefinition if there is none."""
        undo = self.saga.direction == Direction.UNDO
        return self.definition.step(self.saga.step, undo=undo)

    def at(self, saga: Saga) -> "Execution":
        """Return the same execution with the saga as it is now."""
        return replace(self, saga=saga)
