"""Record that the outside passed the pivot of a stopped saga."""

from saga.definition import Definition
from saga.models import Direction, Saga, State
from shop.database_clock import Now


def pass_pivot(definition: Definition, reference: str) -> bool:
    """Record that a stopped saga can no longer be undone. Twice is once.

    For what people did outside without a step, such as a charge on the provider's own
    pages. A saga that moves finds it out by its own step. So does one that stopped on
    its way back: its undo then goes forward. Return whether it was recorded.
    """
    rows = Saga.objects.main_paths().filter(
        definition=definition.name,
        reference=reference,
        state=State.FAILED,
        direction=Direction.DO,
        pivot_at=None,
    )
    return bool(rows.update(pivot_at=Now()))
