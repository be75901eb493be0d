"""Decide what a step asks a person for: approve it, or decline."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from saga.approvals import WAITS, last_question
from saga.errors import (
    ActionRefused,
    NotAllowed,
    NothingToDecide,
    SecondPersonNeeded,
)
from saga.execution import Execution
from saga.models import Attempt, Callback, Saga, State
from saga.operations import actions
from saga.step import Approval, Context
from shop import database_clock


@dataclass(frozen=True)
class Decider:
    """A person. ``may`` returns whether the person has a permission."""

    name: str
    may: Callable[[str], bool]


@dataclass(frozen=True)
class Decision:
    """What is to be decided, and until when."""

    execution: Execution
    approval: Approval
    question: Callback

    @property
    def asked_by(self) -> str:
        """Return who asks for it and must not decide; empty if that is nobody."""
        saga, step = self.execution.saga, self.execution.step
        read = self.approval.asked_by
        return read(Context(saga, step)) if read else ""

    def refuse(self, decider: Decider) -> None:
        """Raise NotAllowed or SecondPersonNeeded if this person must not decide."""
        reference, permission = self.execution.saga.reference, self.approval.permission
        if not decider.may(permission):
            raise NotAllowed(reference, decider.name, permission)
        if self.asked_by and self.asked_by == decider.name:
            raise SecondPersonNeeded(reference, decider.name)


@transaction.atomic
def decide(
    saga: Saga,
    decider: Decider,
    reason: str,
    *,
    approved: bool,
    seen: int | None = None,
) -> None:
    """Approve or decline what the saga waits for, once. It goes on, or turns back.

    Raises NothingToDecide (also after the deadline), NotAllowed, SecondPersonNeeded,
    Ended, GoingBack, Busy, Changed; then nothing was written.
    """
    decision = _read(saga, seen)
    decision.refuse(decider)
    read_as = decision.execution.saga
    actions.lock(read_as)
    rows = Callback.objects.filter(pk=decision.question.pk, answered_at=None)
    rows.update(
        answered_at=database_clock.read(),
        payload={"approved": approved, "by": decider.name, "reason": reason},
    )
    outcome = Attempt.Outcome.APPROVED if approved else Attempt.Outcome.DECLINED
    entry: actions.Entry = {"outcome": outcome, "actor": decider.name, "note": reason}
    changes = actions.restarted() | actions.without_error()
    actions.write(saga, read_as, changes, entry)


def open_decision(saga: Saga) -> Decision | None:
    """Return what the saga waits to be decided, or None."""
    try:
        return _read(saga, None)
    except ActionRefused:
        return None


def _read(saga: Saga, seen: int | None) -> Decision:
    execution = actions.read_at_step(saga, seen)
    now = execution.saga
    approval, question = execution.step.approval, last_question(now, execution.step)
    is_open = now.state == State.WAITING and now.waiting_for == WAITS
    if not (is_open and approval and question) or question.answered_at:
        raise NothingToDecide(now.reference)
    if database_clock.read() >= question.deadline:
        raise NothingToDecide(now.reference)
    return Decision(execution, approval, question)
