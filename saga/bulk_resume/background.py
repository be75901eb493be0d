"""A bulk resume in the database, which the sweepers advance.

It survives every process, and a page can show at any time how far it has come.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from saga.bulk_resume.pace import Decision, Next, Pace, Position, Watch, decide
from saga.errors import ActionRefused
from saga.failure_groups import failure_group_id, signature_of
from saga.models import BulkResume, BulkResumeMember, Saga
from shop import database_clock
from shop.database_clock import Now

# Called with saga, actor, reason and the fence that staff saw. Raises ActionRefused.
Act = Callable[[Saga, str, str, int], None]

# At most so many in one round, so that everything else of the sweeper need not wait.
BATCH = 50
_LEASE = timedelta(minutes=1)
_READ_EVERY = timedelta(seconds=1)

_State = BulkResume.State
_Outcome = BulkResumeMember.Outcome
_ENDS = {
    Next.DONE: _State.DONE,
    Next.REPEATED: _State.REPEATED,
    Next.UNDECIDED: _State.UNDECIDED,
}


@dataclass(frozen=True)
class Request:
    """Who wants to resume a group, why, and at which pace. ``key`` is the form's."""

    key: uuid.UUID
    actor: str
    reason: str
    pace: Pace


def begin(sagas: Sequence[Saga], request: Request) -> BulkResume:
    """Store a bulk resume, which the sweeper begins, and return it.

    A second request with the same ``key`` finds the first. ``sagas`` are of one failure
    group, as staff saw them.
    """
    first = sagas[0]
    try:
        with transaction.atomic():
            begun = BulkResume.objects.create(
                key=request.key,
                failure_group=failure_group_id(first),
                step=first.step,
                signature=signature_of(first),
                canary=request.pace.canary,
                per_second=request.pace.per_second,
                patience=request.pace.patience,
                actor=request.actor,
                reason=request.reason,
                next_at=database_clock.read(),
            )
            BulkResumeMember.objects.bulk_create(
                BulkResumeMember(
                    bulk_resume=begun,
                    saga=saga,
                    seen=saga.fence,
                    signature=signature_of(saga),
                )
                for saga in sagas
            )
    except IntegrityError:
        return BulkResume.objects.get(key=request.key)
    return begun


def advance_all(act: Act, now: datetime | None = None) -> int:
    """Advance every bulk resume that is due. Return how many sagas were resumed."""
    now = now or database_clock.read()
    due = BulkResume.objects.filter(state=_State.RUNNING, next_at__lte=now)
    return sum(_advance(each, act, now) for each in due.order_by("next_at"))


def stop(bulk_resume: BulkResume, actor: str) -> bool:
    """End it by a decision of staff. Return whether it was still under way."""
    return _end(bulk_resume, _State.STOPPED, actor)


def _advance(bulk_resume: BulkResume, act: Act, now: datetime) -> int:
    """Do what is decided, unless another sweeper does. Return the number resumed."""
    mine = BulkResume.objects.filter(
        pk=bulk_resume.pk, state=_State.RUNNING, next_at=bulk_resume.next_at
    )
    if not mine.update(next_at=now + _LEASE):
        return 0
    decision = _decide(bulk_resume, now)
    if end := _ENDS.get(decision.next):
        again = decision.repeated
        _end(bulk_resume, end, f"{again.reference}: {again.error}" if again else "")
        return 0
    changes = {"next_at": now + _READ_EVERY}
    if decision.canary_passed and not bulk_resume.passed_at:
        changes["passed_at"] = now
    resumed = 0
    if decision.next is Next.ACT:
        todo = bulk_resume.members.filter(outcome=_Outcome.PENDING)
        members = todo.select_related("saga")[: min(decision.count, BATCH)]
        resumed = sum(_resume(bulk_resume, member, act) for member in list(members))
        pause = max(_READ_EVERY, timedelta(seconds=1 / bulk_resume.per_second))
        changes |= {"next_at": now + pause, "acted_at": now}
    BulkResume.objects.filter(pk=bulk_resume.pk, state=_State.RUNNING).update(**changes)
    return resumed


def _decide(bulk_resume: BulkResume, now: datetime) -> Decision:
    outcomes = bulk_resume.members.values_list("outcome", flat=True)
    counts = Counter(outcomes)
    since = bulk_resume.acted_at or bulk_resume.created_at
    position = Position(
        resumed=counts[_Outcome.RESUMED],
        pending=counts[_Outcome.PENDING],
        canary_passed=bool(bulk_resume.passed_at),
        has_acted=bool(bulk_resume.acted_at),
        idle=(now - since).total_seconds(),
    )
    pace = Pace(
        bulk_resume.canary,
        bulk_resume.per_second,
        bulk_resume.patience,
        watch_rest=True,
    )
    return decide(pace, _watch(bulk_resume), position)


def _watch(bulk_resume: BulkResume) -> Watch:
    rows = bulk_resume.members.filter(outcome=_Outcome.RESUMED)
    values = rows.values_list("saga_id", "fence", "signature")
    return Watch({saga: (fence, signature) for saga, fence, signature in values})


@transaction.atomic
def _resume(bulk_resume: BulkResume, member: BulkResumeMember, act: Act) -> bool:
    """Resume one saga, once: together with its outcome, or not at all."""
    mine = BulkResumeMember.objects.filter(pk=member.pk)
    pending = mine.filter(outcome=_Outcome.PENDING, bulk_resume__state=_State.RUNNING)
    if not pending.update(outcome=_Outcome.RESUMED):
        return False
    try:
        with transaction.atomic():
            act(member.saga, bulk_resume.actor, bulk_resume.reason, member.seen)
    except ActionRefused as error:
        mine.update(outcome=_Outcome.REFUSED, refusal=str(error)[:300])
        return False
    mine.update(fence=member.saga.fence)
    return True


@transaction.atomic
def _end(bulk_resume: BulkResume, state: BulkResume.State, detail: str) -> bool:
    rows = BulkResume.objects.filter(pk=bulk_resume.pk, state=_State.RUNNING)
    if not rows.update(state=state, detail=detail, ended_at=Now()):
        return False
    left = bulk_resume.members.filter(outcome=_Outcome.PENDING)
    left.update(outcome=_Outcome.LEFT)
    return True
