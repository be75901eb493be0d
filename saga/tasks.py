"""The links as Celery tasks. A message carries the id of a saga and nothing else."""

import time

from celery import shared_task
from celery.app.task import Task
from celery.exceptions import Ignore
from django.db import close_old_connections, connection

from saga.engine import Result, run
from saga.enqueue import COMPENSATION_TASK

# How long after its last use a connection is taken as alive without asking.
TRUSTED_SECONDS = 1.0
_checked_at = 0.0


def link_task(name: str) -> "Task[[int], None]":
    """Return the task of one link. Its queue has the same name."""

    @shared_task(name=name)
    def run_link(saga_id: int) -> None:
        _check_connection()
        if run(saga_id, link=name) is Result.STOPPED:
            # Ends the chain here. What advances the saga later sends a new one.
            raise Ignore

    return run_link


@shared_task(name=COMPENSATION_TASK)
def compensate(saga_id: int) -> None:
    _check_connection()
    run(saga_id)


def _check_connection() -> None:
    """Let Django replace a kept connection that died since the last task.

    Celery keeps it open between tasks (shop.celery) and so skips Django's own check.
    That costs a round trip, with every message. So a connection that was fine a moment
    ago is used as it is: if it breaks right then, the sweeper sends the link again.
    """
    global _checked_at  # noqa: PLW0603 (one connection per process)
    now = time.monotonic()
    if connection.errors_occurred or now - _checked_at > TRUSTED_SECONDS:
        close_old_connections()
    _checked_at = now
