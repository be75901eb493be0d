"""The threads of a web process: one turns the loop and makes the pages.

Threads of one process share its interpreter: two that make pages are not faster than
one, and handing a request from thread to thread costs more than a short page. So the
thread that reads a request also makes its page. But a page may wait, for the payment
provider or for a lock in the database. Then another thread takes the loop over, and
with it the next pages.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from django.db import connections

PATIENCE = 0.2  # seconds; a page that takes longer is taken for one that waits
MOST_THREADS = 16  # a process, with those that wait

logger = logging.getLogger(__name__)


class Task(Protocol):
    def service(self) -> None: ...


class LoopThreads:
    """Runs tasks in the order in which they come; what waitress calls a dispatcher.

    ``turn`` handles the connections that are ready, and adds tasks. It gets the seconds
    for which it may wait for one.
    """

    def __init__(self, turn: Callable[[float], None]) -> None:
        self._turn = turn
        self._tasks: deque[Task] = deque()
        self._changed = threading.Condition()
        self._holder: threading.Thread | None = None  # of the loop
        self._since: float | None = None  # when the holder began its task
        self._waiting: set[threading.Thread] = set()  # to take the loop over
        self._number = 0
        self._goes_on: Callable[[], bool] = bool
        self._is_running = False

    @property
    def number(self) -> int:
        return self._number

    def add_task(self, task: Task) -> None:
        self._tasks.append(task)

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Turn the loop and make pages, in threads, while ``goes_on()``.

        Pages that wait may still be under way afterwards. May be called again.
        """
        with self._changed:
            self._goes_on, self._is_running = goes_on, True
            self._since = None
            self._holder = self._new_thread()
            self._holder.start()
            # This thread makes no pages, so that it can always end the process.
            while self._is_running:
                self._changed.wait()

    def _new_thread(self) -> threading.Thread:
        self._number += 1
        return threading.Thread(target=self._live, name="pages", daemon=True)

    def _live(self) -> None:
        me = threading.current_thread()
        try:
            while self._is_running and (self._holder is me or self._take_over(me)):
                self._hold(me)
        finally:
            connections.close_all()
            with self._changed:
                self._number -= 1
                self._waiting.discard(me)

    def _hold(self, me: threading.Thread) -> None:
        """Turn the loop and make pages until another thread has taken over."""
        while self._holder is me:
            if not self._goes_on():
                self._end()
                return
            self._turn(self._patience())
            task = self._next_task()
            if task is None:
                continue
            try:
                task.service()
            except Exception:
                logger.exception("a thread could not finish %r", task)
            with self._changed:
                if self._holder is me:
                    self._since = None

    def _patience(self) -> float:
        if not self._tasks:
            return float("inf")
        return 0.0 if self._has_successor() else PATIENCE

    def _has_successor(self) -> bool:
        return bool(self._waiting) or self._number < MOST_THREADS

    def _next_task(self) -> Task | None:
        """Return a task if there is one, and a thread that can take the loop over."""
        with self._changed:
            if not self._tasks or not self._has_successor():
                return None
            if not self._waiting:
                successor = self._new_thread()
                self._waiting.add(successor)
                successor.start()
            self._since = time.monotonic()
            return self._tasks.popleft()

    def _take_over(self, me: threading.Thread) -> bool:
        """Wait until the holder's page waits, and take the loop over from it.

        Return False if this thread is not needed any more.
        """
        connections.close_all()
        with self._changed:
            self._waiting.add(me)
            while self._is_running and len(self._waiting) == 1:
                if self._since and time.monotonic() - self._since > PATIENCE:
                    self._waiting.remove(me)
                    self._holder, self._since = me, None
                    return True
                self._changed.wait(PATIENCE / 2)
            self._waiting.remove(me)
        return False

    def _end(self) -> None:
        with self._changed:
            self._is_running = False
            self._changed.notify_all()
