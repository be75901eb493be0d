"""Letting a group of stopped sagas go on by one decision, whoever's process dies.

The same care as saga.bulk_resume.recovery (a canary first, a pace, an end at the first
repeat), but the run stands in the database: every look of the sweeper takes it a
little further, and a page can show at any time how far it has come.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from saga.bulk_resume.recovery import Pace, Watch
from saga.errors import ActRefused
from saga.failure_groups import failure_group_id, signature_of
from saga.models import BulkResume, BulkResumeMember, Saga

# Raises ActRefused. What it is given: saga, actor, reason, the fence that was seen.
Act = Callable[[Saga, str, str, int], None]

# One look must not keep the sweeper from everything else.
BATCH = 50
_LEASE = timedelta(minutes=1)
_LOOK_EVERY = timedelta(seconds=1)

_State = BulkResume.State
_Outcome = BulkResumeMember.Outcome


@dataclass(frozen=True)
class Decision:
    """Who decided to resume a group, why, and how carefully. ``key`` is the form's."""

    key: uuid.UUID
    actor: str
    reason: str
    pace: Pace


def begin(sagas: Sequence[Saga], decision: Decision) -> BulkResume:
    """Write the run down; the sweeper begins it. The same ``key`` finds the same run.

    ``sagas`` are of one group, as they were looked at.
    """
    first = sagas[0]
    now = timezone.now()
    try:
        with transaction.atomic():
            run = BulkResume.objects.create(
                key=decision.key,
                failure_group=failure_group_id(first),
                step=first.step,
                signature=signature_of(first),
                canary=decision.pace.canary,
                per_second=decision.pace.per_second,
                patience=decision.pace.patience,
                actor=decision.actor,
                reason=decision.reason,
                next_at=now,
            )
            BulkResumeMember.objects.bulk_create(
                BulkResumeMember(
                    bulk_resume=run,
                    saga=saga,
                    seen=saga.fence,
                    signature=signature_of(saga),
                )
                for saga in sagas
            )
    except IntegrityError:
        return BulkResume.objects.get(key=decision.key)
    return run


def advance_runs(act: Act, now: datetime | None = None) -> int:
    """Take every run that is due a little further; return how many were resumed."""
    now = now or timezone.now()
    due = BulkResume.objects.filter(state=_State.RUNNING, next_at__lte=now)
    return sum(_advance(run, act, now) for run in due.order_by("next_at"))


def stop(run: BulkResume, actor: str) -> bool:
    """End the run by a person's decision; whether it was still under way."""
    return _end(run, _State.STOPPED, actor)


def _advance(run: BulkResume, act: Act, now: datetime) -> int:
    """Look at what was resumed, then resume what the pace allows by now."""
    mine = BulkResume.objects.filter(
        pk=run.pk, state=_State.RUNNING, next_at=run.next_at
    )
    if not mine.update(next_at=now + _LEASE):
        return 0
    watch = _watch(run)
    again = watch.repeated() or (None if run.passed_at else watch.failed())
    if again:
        _end(run, _State.REPEATED, f"{again.reference}: {again.error}")
        return 0
    if _waits_for_canary(run, watch, now):
        return 0
    todo = run.members.filter(outcome=_Outcome.PENDING)
    members = list(todo.select_related("saga")[: _allowed(run, now)])
    resumed = sum(_resume(run, member, act) for member in members)
    if not members and not todo.exists() and not _is_under_way(run, watch, now):
        _end(run, _State.DONE, "")
        return resumed
    pause = max(_LOOK_EVERY, timedelta(seconds=1 / run.per_second))
    changes = {"next_at": now + pause} | ({"acted_at": now} if members else {})
    BulkResume.objects.filter(pk=run.pk, state=_State.RUNNING).update(**changes)
    return resumed


def _waits_for_canary(run: BulkResume, watch: Watch, now: datetime) -> bool:
    """Whether the first ones must be waited for; ends the run if they take too long."""
    if run.passed_at or _resumed(run) < run.canary:
        return False
    rows = BulkResume.objects.filter(pk=run.pk, state=_State.RUNNING)
    if not watch.still_running():
        rows.update(passed_at=now)
        run.passed_at = now
        return False
    if _is_patient(run, now):
        rows.update(next_at=now + _LOOK_EVERY)
    else:
        _end(run, _State.UNDECIDED, "")
    return True


def _allowed(run: BulkResume, now: datetime) -> int:
    """Return how many may be resumed now: the canary, then what the pace allows."""
    if not run.passed_at and run.canary:
        return max(run.canary - _resumed(run), 0)
    since = (now - run.acted_at).total_seconds() if run.acted_at else 0
    return min(BATCH, max(1, int(since * run.per_second)))


def _is_under_way(run: BulkResume, watch: Watch, now: datetime) -> bool:
    return watch.still_running() and _is_patient(run, now)


def _is_patient(run: BulkResume, now: datetime) -> bool:
    since = run.acted_at or run.created_at
    return (now - since).total_seconds() < run.patience


def _resumed(run: BulkResume) -> int:
    return run.members.filter(outcome=_Outcome.RESUMED).count()


def _watch(run: BulkResume) -> Watch:
    rows = run.members.filter(outcome=_Outcome.RESUMED)
    return Watch(
        {
            saga: (fence, signature)
            for saga, fence, signature in rows.values_list(
                "saga_id", "fence", "signature"
            )
        }
    )


@transaction.atomic
def _resume(run: BulkResume, member: BulkResumeMember, act: Act) -> bool:
    """Resume one, once: with its mark in the list, or not at all."""
    mine = BulkResumeMember.objects.filter(pk=member.pk)
    live = {"outcome": _Outcome.PENDING, "bulk_resume__state": _State.RUNNING}
    if not mine.filter(**live).update(outcome=_Outcome.RESUMED):
        return False
    try:
        with transaction.atomic():
            act(member.saga, run.actor, run.reason, member.seen)
    except ActRefused as error:
        mine.update(outcome=_Outcome.REFUSED, refusal=str(error)[:300])
        return False
    mine.update(fence=member.saga.fence)
    return True


@transaction.atomic
def _end(run: BulkResume, state: BulkResume.State, detail: str) -> bool:
    rows = BulkResume.objects.filter(pk=run.pk, state=_State.RUNNING)
    if not rows.update(state=state, detail=detail, ended_at=timezone.now()):
        return False
    left = run.members.filter(outcome=_Outcome.PENDING)
    left.update(outcome=_Outcome.LEFT)
    return True
