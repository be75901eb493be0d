"""Resume a stopped saga, with other inputs where its steps allow that."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from saga.errors import Busy, Changed, InputRefused, NotResumable
from saga.models import INPUT, Attempt, Direction, Saga, State
from saga.operations import actions
from saga.step import Context, Step


@transaction.atomic
def resume(
    saga: Saga,
    actor: str,
    reason: str,
    *,
    seen: int | None = None,
    inputs: Mapping[str, str] | None = None,
) -> None:
    """Continue a failed saga from the step that failed, with today's code.

    ``inputs`` replaces what the remaining steps read; the difference is kept in the
    history. Of two callers at once one wins. Raises NotResumable, Changed (``seen`` is
    out of date), InputRefused.
    """
    stopped = read_stopped(saga, seen)
    changed = difference(stopped, inputs or {})
    back = stopped.direction == Direction.UNDO
    changes = actions.restarted()
    changes["state"] = State.COMPENSATING if back else State.RUNNING
    if changed:
        edited = {name: each["new"] for name, each in changed.items()}
        changes["data"] = stopped.data | {INPUT: stopped.data.get(INPUT, {}) | edited}
    entry: actions.Entry = {
        "outcome": Attempt.Outcome.EDITED if changed else Attempt.Outcome.RESUMED,
        "actor": actor,
        "note": reason,
        "input": changed,
    }
    try:
        actions.write(saga, stopped, changes, entry)
    except (Busy, Changed):
        if saga.state == State.FAILED:
            # It was resumed and stopped again since it was read.
            raise
        raise NotResumable(saga.reference, saga.state) from None


def read_stopped(saga: Saga, seen: int | None) -> Saga:
    """Read the saga again and return it. Raises NotResumable, or Changed."""
    saga.refresh_from_db()
    if saga.state != State.FAILED:
        raise NotResumable(saga.reference, saga.state)
    actions.refuse_unless_still(saga, seen)
    return saga


def open_inputs(saga: Saga) -> dict[str, Any]:
    """Return name -> present value of all that staff may replace when they resume it.

    Raises ActionRefused if this code does not know the saga's step.
    """
    execution = actions.find_execution(saga)
    if saga.direction == Direction.UNDO:
        return {}
    remaining = execution.definition.ahead(execution.step.name)
    found = {}
    for step in remaining:
        context = Context(saga, step)
        for each in step.inputs:
            found[each.name] = context.input(each.name, each.current(context))
    return found


def difference(saga: Saga, inputs: Mapping[str, str]) -> dict[str, actions.InputChange]:
    """Return name -> old and new value of the inputs that would change.

    Raises InputRefused if no remaining step lets staff change an input, or if what they
    typed is not of its form.
    """
    changed: dict[str, actions.InputChange] = {}
    for name, typed in inputs.items():
        step = _reader(saga, name)
        declared, context = step.input(name), Context(saga, step)
        try:
            new = declared.parse(typed)
        except ValueError as error:
            raise InputRefused(saga.reference, name, str(error)) from error
        old = context.input(name, declared.current(context))
        if new != old:
            changed[name] = {"old": old, "new": new}
    return changed


def _reader(saga: Saga, name: str) -> Step:
    """Return the step that reads the input, from the present one on."""
    execution = actions.find_execution(saga)
    remaining = execution.definition.ahead(execution.step.name)
    if saga.direction == Direction.DO:
        for step in remaining:
            if name in {each.name for each in step.inputs}:
                return step
    known = sorted({each.name for step in remaining for each in step.inputs})
    why = f"no such input from {saga.step} on; there is: {', '.join(known) or 'none'}"
    raise InputRefused(saga.reference, name, why)
