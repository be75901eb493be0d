"""Wrap the steps of the sagas, so that a process can die at every point of each.

The engine and the steps themselves are the shop's own, unchanged: a definition is
data, and the one registered last counts.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from celery.signals import before_task_publish
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.flow.definition import CHECKOUT
from orders.models import Order
from saga.definition import get_definition, register
from saga.enqueue import COMPENSATION_TASK
from saga.models import Direction, Saga
from saga.step import Context, Effect, Kind, Step
from tests.chaos.kill_points.releases import deployed
from tests.chaos.kill_points.trigger import reach

Record = Callable[[Context, Any], Any]
# The messages after which a worker goes on with a saga.
LINKS = (
    COMPENSATION_TASK,
    *(step.link for one in (CHECKOUT, SHIPPING, CANCELLATION) for step in one.steps),
)


def give_kill_points() -> None:
    for definition in (deployed(), SHIPPING, CANCELLATION):
        steps = tuple(deadly(step) for step in definition.steps)
        register(replace(definition, steps=steps))
    connection_created.connect(_watch_claims)
    before_task_publish.connect(_before_publish)


def deadly(step: Step) -> Step:
    if step.kind is Kind.LOCAL:
        return replace(
            step,
            do=_local(step.do, step.name),
            undo=step.undo and _local(step.undo, f"{step.name}.undo"),
        )
    return replace(
        step,
        begin=step.begin and _beginning(step.begin, step.name),
        do=_external(step.do, step.name),
        record=_recording(step.record, step.name),
        undo=step.undo and _external(step.undo, f"{step.name}.undo"),
        record_undo=step.undo and _recording(step.record_undo, f"{step.name}.undo"),
    )


def _local(effect: Effect, name: str) -> Effect:
    def run(context: Context) -> Any:
        email = _email(context.reference)
        reach(f"{name}.claimed", email)
        result = effect(context)
        _around_commit(name, email)
        return result

    return run


def _external(call: Effect, name: str) -> Effect:
    def run(context: Context) -> Any:
        email = _email(context.reference)
        reach(f"{name}.claimed", email)
        result = call(context)
        reach(f"{name}.called", email)
        return result

    return run


def _beginning(call: Effect, name: str) -> Effect:
    def run(context: Context) -> Any:
        begun = call(context)
        # The outside was called, and no process has claimed the step yet.
        reach(f"{name}.begun", _email(context.reference))
        return begun

    return run


def _recording(record: Record | None, name: str) -> Record:
    def run(context: Context, result: Any) -> Any:
        recorded = record(context, result) if record else result
        _around_commit(name, _email(context.reference))
        return recorded

    return run


def _around_commit(name: str, email: str) -> None:
    reach(f"{name}.before_commit", email)
    transaction.on_commit(lambda: reach(f"{name}.committed", email))


def _watch_claims(connection: BaseDatabaseWrapper, **_kwargs: object) -> None:
    if _before_claim not in connection.execute_wrappers:
        connection.execute_wrappers.append(_before_claim)


def _before_claim(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    if "SET fence = fence + 1" in sql:
        saga = Saga.objects.get(pk=next(one for one in params if type(one) is int))
        undo = ".undo" if saga.direction == Direction.UNDO else ""
        reach(f"{saga.step}{undo}.before_claim", _email(saga.reference))
    elif sql.startswith('UPDATE "saga_saga"') and '"claimed_at" = ' in sql:
        # The update that commits a step and claims the next one.
        whose = sql[: sql.index('"saga_saga"."id" = %s')].count("%s")
        saga = Saga.objects.get(pk=params[whose])
        steps = get_definition(saga.definition).steps
        ahead = next(step.name for step in steps if step.name in params)
        reach(f"{ahead}.before_claim", _email(saga.reference))
    return execute(sql, params, many, context)


def _before_publish(sender: str, body: Any, **_kwargs: object) -> None:
    """Reach the kill point before a message is sent; its saga is committed by then."""
    if sender in LINKS:
        ((saga_id, *_), *_) = body
        saga = Saga.objects.get(pk=saga_id)
        reach(f"{sender}.before_publish", _email(saga.reference))


def _email(number: str) -> str:
    return Order.objects.values_list("email", flat=True).get(number=number)
