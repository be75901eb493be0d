"""Circuit breakers: no calls to a dependency that does not answer.

A breaker is one row for all processes. A process reads it only after a call of its own
failed, or for a saga that was parked before. So a process that has not noticed an
outage makes one call that fails, and a healthy dependency costs no query at all.

closed -> open: so many failures in a row, of more than one saga, because one saga that
fails alone says nothing about the others. open -> half open: one saga may try. half
open -> closed: its call got through, and all parked sagas are due; or open again, for a
longer pause.
"""

import logging
import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, PositiveIntegerField, QuerySet, Value, When

from saga.alerting import raise_outage
from saga.errors import Retry, StepError
from saga.models import CLAIMABLE, Breaker, Direction, Saga
from saga.step import Step
from shop import database_clock
from shop.database_clock import Now

logger = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(minutes=1)
# Failures further apart than this are not "in a row".
FORGOTTEN_AFTER = timedelta(minutes=10)
# Parked sagas become due when the breaker closes. This is only in case that all sagas
# that could probe are gone.
PARKED_FOR = timedelta(minutes=1)

# Dependencies whose breaker this process has reason to read.
_suspects: set[str] = set()


def admit(step: Step, saga: Saga) -> datetime | None:
    """Return None if the step may call its dependency, else until when to park.

    When a probe is due, one of all sagas that ask is let through.
    """
    # A saga that is not due cannot be claimed; a probe must not be spent on it.
    if not saga.is_due or not is_suspected(step, saga):
        return None
    breaker = Breaker.objects.filter(name=step.dependency).first()
    if breaker is None or breaker.state == Breaker.State.CLOSED:
        if breaker is None or not breaker.failures:
            _suspects.discard(step.dependency)
        return None
    _suspects.add(step.dependency)
    now = database_clock.read()
    due = _not_closed(step.dependency).filter(probe_at__lte=now)
    if due.update(state=Breaker.State.HALF_OPEN, probe_at=now + step.lease):
        logger.info("%s: %s probes", breaker, saga)
        return None
    return _parked_until(now)


@transaction.atomic
def park(saga: Saga, dependency: str, until: datetime) -> None:
    """Let the saga wait without a claim, without using up a try.

    If the dependency has answered since ``admit``, it is left due.
    """
    # Locked: whoever closes the breaker wakes what is parked, and sees this saga.
    rows = Breaker.objects.select_for_update().filter(name=dependency)
    breaker = rows.first()
    as_read = Saga.objects.filter(pk=saga.pk, fence=saga.fence, state__in=CLAIMABLE)
    if breaker is None or breaker.state == Breaker.State.CLOSED:
        as_read.due().update(sweep_at=Now())
        return
    as_read.due().update(
        due_at=until, sweep_at=until, relaunches=0, waiting_for=dependency
    )


def record_failure(step: Step, saga: Saga, error: Exception) -> datetime | None:
    """Count a call that failed. Return when to try again if the breaker is open.

    Returns None if the saga's own policy decides. An answer of any kind, such as a
    refusal, shows that the dependency works. An error that is no StepError says nothing
    about it.
    """
    if not step.dependency or not isinstance(error, StepError):
        return None
    if not isinstance(error, Retry) or error.answered:
        record_answer(step, saga)
        return None
    if error.limitless:
        return None
    _suspects.add(step.dependency)
    now = database_clock.read()
    with transaction.atomic():
        _count(step.dependency, saga, now)
        opened = _open(step.dependency, saga, now)
        breaker = Breaker.objects.get(name=step.dependency)
        if breaker.probe_at is None:
            return None
        if opened and _call_another(saga, step.dependency, breaker.probe_at):
            return _parked_until(now)
    return breaker.probe_at


def record_answer(step: Step, saga: Saga) -> None:
    """Record that the dependency works. Sagas parked for it are due at once."""
    if not is_suspected(step, saga):
        return
    _suspects.discard(step.dependency)
    healthy = {"failures": 0, "opened_at": None, "probe_at": None, "probes": 0}
    with transaction.atomic():
        if not _not_closed(step.dependency).update(
            state=Breaker.State.CLOSED, **healthy
        ):
            rows = Breaker.objects.filter(name=step.dependency, failures__gt=0)
            rows.filter(state=Breaker.State.CLOSED).update(failures=0)
            return
        parked = Saga.objects.filter(state__in=CLAIMABLE, waiting_for=step.dependency)
        count = parked.filter(claimed_by="").update(due_at=Now(), sweep_at=Now())
    logger.info("%s answers again, %d sagas go on", step.dependency, count)


def is_suspected(step: Step, saga: Saga) -> bool:
    """Return whether the breaker must be read or written. Makes no query."""
    name = step.dependency
    if not name or not (name in _suspects or saga.waiting_for == name):
        return False
    if saga.direction == Direction.UNDO and step.undo_calls:
        return step.undo_calls(saga)
    return True


def _parked_until(now: datetime) -> datetime:
    return now + PARKED_FOR * random.uniform(1, 1.5)  # noqa: S311


def _call_another(saga: Saga, name: str, probe_at: datetime) -> bool:
    """Let the saga that was parked first make the next probe. Return whether it can.

    A saga that can never get through must not be the only one that tries.
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
    """Open the breaker if that is due. Return whether this failure opened it."""
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
