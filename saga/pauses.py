"""How a saga stays at its step: it waits for a time, for people, or for children.

Every function runs inside the caller's transaction and begins with the fenced
update, so a caller whose claim was lost writes nothing.
"""

from django.db.models import Case, Value, When

from saga import branches, compensation, items
from saga.changes import SagaChanges, due_at, joining, reset
from saga.claims import close_attempt, move
from saga.errors import ManualIntervention
from saga.execution import Execution
from saga.models import Attempt, Saga, State
from saga.results import Sleep, StartChild, StartItems, Wait
from shop.database_clock import Now


def wait(execution: Execution, pause: Wait) -> None:
    """Stop until woken or until the deadline.

    A wake-up that came after the claim counts: then the step simply runs again. The
    database decides that in the same statement, so none falls in between.
    """
    saga = execution.saga
    unheard = When(signals=saga.signals, then=Value(pause.until))
    waiting: SagaChanges = {
        "state": Case(
            When(signals=saga.signals, then=Value(State.WAITING.value)),
            default=Value(State.RUNNING.value),
        ),
        "due_at": Case(unheard, default=Now()),
        "sweep_at": Case(unheard, default=Now()),
        "waiting_for": pause.reason,
    }
    if isinstance(pause, Sleep):
        # Like a retry: wake-ups only reach a saga that is WAITING.
        waiting |= {"state": State.RUNNING, **due_at(pause.until)}
    if pause.alert:
        waiting |= {
            "error": pause.alert,
            "error_kind": ManualIntervention.kind,
            "error_class": Wait.__name__,
            "alert_wanted_at": saga.alert_wanted_at or Now(),
        }
    move(saga, reset() | waiting)
    close_attempt(saga, Attempt.Outcome.WAITING, {"until": pause.until.isoformat()})
    compensation.turn_if_asked(execution)


def start_child(execution: Execution, child: StartChild) -> None:
    """Start a saga for the step, or find the one it started; the step waits for it."""
    saga = execution.saga
    branches.check_child(saga, child)
    move(saga, reset() | joining(branches.CHILD))
    close_attempt(saga, Attempt.Outcome.WAITING, {"for": child.reference})
    branches.begin_child(execution, child)
    compensation.turn_if_asked(execution)


def start_items(execution: Execution, wanted: StartItems) -> None:
    """Start the first items of the step's Map; the step waits for all."""
    saga = execution.saga
    items.check_items(execution)
    begun = items.begun_items(saga) or {"count": wanted.count, "begun": 0}
    data = saga.data | {saga.step: {items.ITEMS: begun}}
    move(saga, reset() | joining(items.ITEMS) | {"data": data})
    close_attempt(saga, Attempt.Outcome.WAITING, {items.ITEMS: wanted.count})
    branches.join(execution.at(Saga.objects.get(pk=saga.pk)))
    compensation.turn_if_asked(execution)
