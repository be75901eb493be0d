"""Wraps the checkout's steps, so that each can end in mid-air.

The engine and the steps themselves are the shop's own, unchanged: a definition is
data, and the one registered last counts.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from celery.signals import task_prerun
from django.db import transaction

from checkout.flow import CHECKOUT
from checkout.saga.context import Context
from checkout.saga.definition import Effect, Kind, Step, register
from checkout.saga.models import Saga
from orders.models import Order
from tests.chaos.kill_points.trigger import reach

Record = Callable[[Context, Any], Any]


def give_kill_points() -> None:
    register(replace(CHECKOUT, steps=tuple(deadly(step) for step in CHECKOUT.steps)))
    task_prerun.connect(_before_claim, weak=False)


def deadly(step: Step) -> Step:
    if step.kind is Kind.LOCAL:
        return replace(
            step,
            do=_local(step.do, step.name),
            undo=step.undo and _local(step.undo, f"{step.name}.undo"),
        )
    return replace(
        step,
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


def _recording(record: Record | None, name: str) -> Record:
    def run(context: Context, result: Any) -> Any:
        recorded = record(context, result) if record else result
        _around_commit(name, _email(context.reference))
        return recorded

    return run


def _around_commit(name: str, email: str) -> None:
    reach(f"{name}.before_commit", email)
    transaction.on_commit(lambda: reach(f"{name}.committed", email))


def _before_claim(task: Any, args: Any, **_kwargs: object) -> None:
    saga = Saga.objects.filter(pk=args[0]).first() if args else None
    if saga is not None and task.name.startswith("checkout."):
        reach(f"{task.name}.before_claim", _email(saga.reference))


def _email(number: str) -> str:
    return Order.objects.values_list("email", flat=True).get(number=number)
