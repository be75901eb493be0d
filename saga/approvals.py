"""Decisions of people for which a step waits: questions with a deadline.

A decision is a callback (see ``callbacks``) that no token answers, only a person with
the permission: ``operations.decide``. A second question of the same step is asked only
if the first was answered or its deadline has passed, and the step runs once more.
"""

from saga.callbacks import ask
from saga.errors import Abort
from saga.models import Callback, Saga
from saga.results import Wait
from saga.step import Approval, Context
from shop import database_clock

WAITS = "decision"
# The reasons with which a step aborts.
DECLINED = "declined"
UNDECIDED = "undecided"


def await_decision(context: Context, approval: Approval) -> Wait | None:
    """Return None if it was approved, or how long the step waits for a decision.

    Raises Abort if it was declined, or nobody decided in time.
    """
    question = last_question(context.saga)
    now = database_clock.read()
    if question is None:
        deadline = now + approval.within
        ask(context.saga.pk, context.step.name, context.saga.fence, deadline)
        return Wait(deadline, WAITS, str(approval.title))
    if question.answered_at is None:
        if now >= question.deadline:
            message = f"nobody decided in time: {approval.title}"
            raise Abort(message, UNDECIDED)
        return Wait(question.deadline, WAITS, str(approval.title))
    decision = question.payload
    if not decision["approved"]:
        message = f"declined by {decision['by']}: {decision['reason']}"
        raise Abort(message, DECLINED)
    return None


def last_question(saga: Saga) -> Callback | None:
    """Return the newest question of the saga's present step, or None."""
    rows = Callback.objects.filter(saga=saga, step=saga.step)
    return rows.order_by("-pk").first()
