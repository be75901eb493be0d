"""Decisions of people for which a step waits: questions with a deadline.

A decision is a callback (see ``callbacks``) that no token answers, only a person with
the permission: ``operations.decide``. Each step asks once: how often it runs again, the
answer, or that there was none in time, stays what it is.
"""

from saga.callbacks import ask
from saga.errors import Abort
from saga.models import Callback, Saga
from saga.results import Wait
from saga.step import Approval, Context, Step
from shop import database_clock

WAITS = "decision"
# The reasons with which a step aborts.
DECLINED = "declined"
UNDECIDED = "undecided"


def await_decision(context: Context, approval: Approval) -> Wait | None:
    """Return None if it was approved, or how long the step waits for a decision.

    Raises Abort if it was declined, or nobody decided in time.
    """
    question = last_question(context.saga, context.step)
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


def last_question(saga: Saga, step: Step) -> Callback | None:
    """Return the newest question of the step, also under a former name, or None."""
    rows = Callback.objects.filter(saga=saga, step__in=[step.name, *step.aliases])
    return rows.order_by("-pk").first()
