"""The worker's pool: threads, because its tasks wait for answers of the outside.

Celery's own pool of threads, with two additions. The results of tasks are handled in
the worker's loop, as those of processes are: the connection to the broker then belongs
to one thread, and the loop notices at once that a thread is free. And a worker whose
threads hang ends, because no time limit of Celery's reaches a thread (docs/adr/0033).
"""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery.concurrency.thread import TaskPool
from django.conf import settings
from kombu.asynchronous import get_event_loop

logger = logging.getLogger(__name__)

# Leases after which a task hangs for good. It may do several steps, one lease each.
HANGS_AFTER = 5
EXIT_CODE = 75  # EX_TEMPFAIL: whatever supervises the worker starts it again


@dataclass
class _Job:
    """What a thread does."""

    task: str
    began: float  # by the monotonic clock
    is_told: bool = False


class Pool(TaskPool):
    """Celery's pool of threads; see above."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._jobs: dict[int, _Job] = {}

    def on_apply(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        callback: Callable[..., Any] | None = None,
        accept_callback: Callable[..., Any] | None = None,
        **options: Any,
    ) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            thread = threading.get_ident()
            self._jobs[thread] = _Job(_name(args), time.monotonic())
            try:
                return target(*args, **kwargs)
            finally:
                del self._jobs[thread]

        done = callback and _in_the_loop(callback)
        return super().on_apply(run, args, kwargs, done, accept_callback, **options)

    def end_if_hung(self) -> None:
        """Log threads that hang, and end this process if they are half of all.

        Nothing can end a thread. The claims of the process are taken over at once.
        """
        limit = HANGS_AFTER * settings.SAGA_LEASE
        late = time.monotonic() - limit
        jobs = list(self._jobs.items())  # other threads add and remove some
        hung = {ident: job for ident, job in jobs if job.began < late}
        for ident, job in hung.items():
            if not job.is_told:
                job.is_told = True
                logger.error(
                    "%s hangs for %g s:\n%s",
                    job.task,
                    limit,
                    _trace(ident),
                    extra={"has_lines": True},
                )
        if len(hung) * 2 >= self.limit:
            logger.critical("%d of %d threads hang: ending", len(hung), self.limit)
            logging.shutdown()
            os._exit(EXIT_CODE)


def _in_the_loop(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that lets the worker's loop call ``callback``."""
    loop = get_event_loop()
    if loop is None:  # a transport without one: tests in memory
        return callback
    return lambda *args: loop.call_soon(callback, *args)


def _name(args: tuple[Any, ...]) -> str:
    """Return the name of the task that Celery's tracer is to run."""
    return str(args[0]) if args else "?"


def _trace(ident: int) -> str:
    frame = sys._current_frames().get(ident)  # noqa: SLF001 (documented, for debugging)
    return "".join(traceback.format_stack(frame)) if frame else "it has just ended"
