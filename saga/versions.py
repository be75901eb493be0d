"""Sagas that another version of the code began: continued, or held back and shown.

Deploys happen while sagas are under way. A saga that today's code can continue is
brought up to its version, and the history says so. Any other saga is left unclaimed
until code is deployed that can continue it.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Coalesce

from saga import transitions
from saga.definition import Definition
from saga.errors import LostClaim, UnknownDefinition
from saga.execution import Execution
from saga.history import find_taken
from saga.models import CLAIMABLE, Attempt, Direction, Saga
from saga.resolve import resolve
from saga.step import Step
from shop.database_clock import Now

logger = logging.getLogger(__name__)

# How often a saga that is held back is tried again, in case the code is there now.
CHECKED_EVERY = timedelta(seconds=15)
# During a deploy old and new workers run side by side, on several hosts for minutes.
# Staff are alerted only to a saga that no worker has taken for so long.
ALERT_AFTER = timedelta(minutes=5)
HELD = "held"


def take_up(saga: Saga) -> Execution | None:
    """Return what the engine may run, after bringing ``saga`` up to this version.

    Returns None if the saga is held back, is not due, or has moved on.
    """
    try:
        execution = resolve(saga)
    except UnknownDefinition as error:
        hold_back(saga, error)
        return None
    if saga.version == execution.definition.version:
        return execution
    if not adopt(execution):
        return None
    now = Saga.objects.with_due().get(pk=saga.pk)
    return take_up(now) if now.state in CLAIMABLE else None


def hold_back(saga: Saga, error: UnknownDefinition) -> None:
    """Leave the saga unclaimed and show it to staff. The sweeper will try it again."""
    # Not what a worker with other code has just claimed.
    rows = Saga.objects.live().due().filter(pk=saga.pk, fence=saga.fence)
    held = rows.update(
        sweep_at=Now(CHECKED_EVERY),
        alert_wanted_at=Coalesce("alert_wanted_at", Now(ALERT_AFTER)),
        error=str(error),
        error_kind=HELD,
        error_class=type(error).__name__,
    )
    if held:
        logger.error("%s is held back: %s", saga, error)


def adopt(execution: Execution) -> bool:
    """Bring a due saga of an older version up to this one. Return False if not due.

    The history names the new version, and the steps that were inserted before the
    present one: those are recorded as skipped.
    """
    saga, definition = execution.saga, execution.definition
    if saga.claimed_by and saga.is_due:
        return _count_lost(execution)
    missed = _missed(execution)
    with transaction.atomic():
        rows = Saga.objects.due().filter(
            pk=saga.pk, fence=saga.fence, state__in=CLAIMABLE, claimed_by=""
        )
        adopted = rows.update(
            version=definition.version,
            step=execution.step.name,
            data=_renamed(definition, saga),
            fence=saga.fence + len(missed) + 1,
        )
        if adopted:
            _record(execution, missed)
    return bool(adopted)


def _count_lost(execution: Execution) -> bool:
    """End the claim of a worker that died under the older version."""
    try:
        with transaction.atomic():
            transitions.count_lost(execution, Now())
    except LostClaim:
        return False
    return True


def _missed(execution: Execution) -> list[Step]:
    saga, definition, step = execution.saga, execution.definition, execution.step
    if saga.direction == Direction.UNDO:
        return []
    branch = definition.along(step.branch)
    before = [*branch[: branch.index(step)]]
    if not saga.branch:
        # What had to be joined before this step was never split off.
        for joined in definition.joined_before(step):
            before += definition.along(joined.name)
    been = find_taken(execution) | definition.passed_over(saga.data)
    return [each for each in before if each.name not in been]


def _renamed(definition: Definition, saga: Saga) -> dict[str, object]:
    """Return the outputs under the steps' present names."""
    new_names = {old: step.name for step in definition.steps for old in step.aliases}
    return {new_names.get(name, name): output for name, output in saga.data.items()}


def _record(execution: Execution, missed: list[Step]) -> None:
    saga, definition, step = execution.saga, execution.definition, execution.step
    note = f"version {saga.version} continues under version {definition.version}"
    if step.name != saga.step:
        note += f", {saga.step} as {step.name}"
    late = f"version {definition.version} has this step before {step.name}: too late"
    rows = [(each, Attempt.Outcome.SKIPPED, late) for each in missed]
    rows.append((step, Attempt.Outcome.ADOPTED, note))
    Attempt.objects.bulk_create(
        Attempt(
            saga=saga,
            fence=saga.fence + number,
            step=each.name,
            direction=saga.direction,
            number=0,
            started_at=Now(),
            ended_at=Now(),
            outcome=outcome,
            note=text,
        )
        for number, (each, outcome, text) in enumerate(rows, start=1)
    )
    logger.info("%s: %s", saga, note)
