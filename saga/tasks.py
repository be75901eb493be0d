"""The links as Celery tasks. A message carries the id of a saga and nothing else."""

from celery import shared_task
from celery.app.task import Task
from celery.exceptions import Ignore

from saga.engine import Result, run
from saga.enqueue import COMPENSATION_TASK


def link_task(name: str) -> "Task[[int], None]":
    """Return the task of one link. Its queue has the same name."""

    @shared_task(name=name)
    def run_link(saga_id: int) -> None:
        if run(saga_id, link=name) is Result.STOPPED:
            # Ends the chain here. What advances the saga later sends a new one.
            raise Ignore

    return run_link


@shared_task(name=COMPENSATION_TASK)
def compensate(saga_id: int) -> None:
    run(saga_id)
