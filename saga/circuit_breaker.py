"""Sparing a dependency that does not answer, and the sagas that would call in vain.

A breaker's state is one row for all processes. In the good case nobody reads it: a
process asks only once a call of its own failed, or for a saga that was parked before.
So a process that has not noticed an outage makes one call in vain before it knows,
and a healthy dependency costs no query at all.

closed -> open: so many failures in a row, of more than one saga, since one that fails
alone says nothing about the others. open -> half open: one saga may try. half open ->
closed: it got through, all parked ones are due; or open again, for a longer pause.
"""

import logging
import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, PositiveIntegerField, QuerySet, Value, When
from django.utils import timezone

from saga.alerting import raise_outage
from saga.definition import Step
from saga.errors import Retry, StepError
from saga.models import CLAIMABLE, Breaker, Direction, Saga

logger = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(minutes=1)
# Failures further apart than this are not "in a row".
FORGOTTEN_AFTER = timedelta(minutes=10)
# Parked sagas are called back when the breaker closes; this is only in case that all
# which could probe are gone.
PARKED_FOR = timedelta(minutes=1)

# Dependencies that this process has reason to ask about.
_suspects: set[str] = set()


def admit(step: Step, saga: Saga) -> datetime | None:
    """Return None when the step may call its dependency, else until when to park.

    Of all sagas that ask at a probe's time, one is let through.
    """
    now = timezone.now()
    # What is not due, the claim refuses; a probe must not be spent on it.
    if saga.due_at > now or not is_suspected(step, saga):
        return None
    breaker = Breaker.objects.filter(name=step.dependency).first()
    if breaker is None or breaker.state == Breaker.State.CLOSED:
        if breaker is None or not breaker.failures:
            _suspects.discard(step.dependency)
        return None
    _suspects.add(step.dependency)
    due = _not_closed(step.dependency).filter(probe_at__lte=now)
    if due.update(state=Breaker.State.HALF_OPEN, probe_at=now + step.lease):
        logger.info("%s: %s probes", breaker, saga)
        return None
    return _parked_until(now)


def park(saga: Saga, dependency: str, until: datetime) -> None:
    """Let the saga wait without a claim, without using up a try."""
    rows = Saga.objects.filter(pk=saga.pk, fence=saga.fence, state__in=CLAIMABLE)
    rows.filter(due_at__lte=timezone.now()).update(
        due_at=until, sweep_at=until, relaunches=0, waiting_for=dependency
    )


def failed(step: Step, saga: Saga, error: Exception) -> datetime | None:
    """Count a call that failed; return when to try again if the breaker is open.

    None: the saga's own policy decides. An answer of any kind, a refusal for one,
    speaks for the dependency; an error that is none of the engine's says nothing.
    """
    if not step.dependency or not isinstance(error, StepError):
        return None
    if not isinstance(error, Retry) or error.answered:
        answered(step, saga)
        return None
    if error.limitless:
        return None
    _suspects.add(step.dependency)
    now = timezone.now()
    with transaction.atomic():
        _count(step.dependency, saga, now)
        opened = _open(step.dependency, saga, now)
        breaker = Breaker.objects.get(name=step.dependency)
        if breaker.probe_at is None:
            return None
        if opened and _call_another(saga, step.dependency, breaker.probe_at):
            return _parked_until(now)
    return breaker.probe_at


def answered(step: Step, saga: Saga) -> None:
    """Note that the dependency works; what was parked for it is due at once."""
    if not is_suspected(step, saga):
        return
    _suspects.discard(step.dependency)
    now = timezone.now()
    healthy = {"failures": 0, "opened_at": None, "probe_at": None, "probes": 0}
    with transaction.atomic():
        if not _not_closed(step.dependency).update(
            state=Breaker.State.CLOSED, **healthy
        ):
            rows = Breaker.objects.filter(name=step.dependency, failures__gt=0)
            rows.filter(state=Breaker.State.CLOSED).update(failures=0)
            return
        parked = Saga.objects.filter(state__in=CLAIMABLE, waiting_for=step.dependency)
        count = parked.filter(claimed_by="").update(due_at=now, sweep_at=now)
    logger.info("%s answers again, %d sagas go on", step.dependency, count)


def is_suspected(step: Step, saga: Saga) -> bool:
    """Whether there is anything to ask or to say; decided without a query if not."""
    name = step.dependency
    if not name or not (name in _suspects or saga.waiting_for == name):
        return False
    if saga.direction == Direction.UNDO and step.undo_calls:
        return step.undo_calls(saga)
    return True


def _parked_until(now: datetime) -> datetime:
    return now + PARKED_FOR * random.uniform(1, 1.5)  # noqa: S311


def _call_another(saga: Saga, name: str, probe_at: datetime) -> bool:
    """Let the saga that was parked first make the next probe; False: there is none.

    One that can never get through must not be the only one that tries.
    """
    parked = Saga.objects.filter(
        state__in=CLAIMABLE, waiting_for=name, claimed_by="", due_at__gt=probe_at
    )
    other = parked.exclude(pk=saga.pk).order_by("due_at").values_list("pk", flat=True)
    chosen = parked.filter(pk__in=list(other[:1]))
    return bool(chosen.update(due_at=probe_at, sweep_at=probe_at))


def _count(name: str, saga: Saga, now: datetime) -> None:
    more = Case(
        When(failed_at__lt=now - FORGOTTEN_AFTER, then=Value(1)),
        When(failed_saga=saga.pk, then=F("failures")),
        default=F("failures") + 1,
        output_field=PositiveIntegerField(),
    )
    last = {"failed_at": now, "failed_saga": saga.pk}
    rows = Breaker.objects.filter(name=name)
    if rows.update(failures=more, **last):
        return
    try:
        with transaction.atomic():
            Breaker.objects.create(name=name, failures=1, **last)
    except IntegrityError:
        rows.update(failures=more, **last)


def _open(name: str, saga: Saga, now: datetime) -> bool:
    """Open the breaker where that is due; whether it was opened by this failure."""
    first = timedelta(seconds=settings.BREAKER_PAUSE)
    rows = Breaker.objects.filter(name=name)
    closed = rows.filter(
        state=Breaker.State.CLOSED, failures__gte=settings.BREAKER_FAILURES
    )
    if closed.update(
        state=Breaker.State.OPEN, opened_at=now, probe_at=now + first, probes=0
    ):
        raise_outage(saga, name, now)
        logger.error("%s does not answer: sagas that need it are parked", name)
        return True
    half_open = rows.filter(state=Breaker.State.HALF_OPEN)
    probes = half_open.values_list("probes", flat=True).first() or 0
    pause = min(LONGEST_PAUSE, first * 2 ** min(probes + 1, 10))
    again = half_open.update(
        state=Breaker.State.OPEN, probes=F("probes") + 1, probe_at=now + pause
    )
    return bool(again)


def _not_closed(name: str) -> QuerySet[Breaker]:
    return Breaker.objects.filter(name=name).exclude(state=Breaker.State.CLOSED)
