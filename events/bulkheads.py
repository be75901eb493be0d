"""Threads for consumers outside of the shop, so that a slow one slows nobody else.

Each consumer has threads of its own. One that does not answer keeps those, and no other
consumer, no order and no other periodic job waits for them.
"""

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass

from django.db import Error, connection

from events.consumers import Consumer, all_consumers, find_consumer
from events.models import Delivery
from events.sending import Unavailable, send_batch
from shop import database_clock
from shop.database.messages import log_failure

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds
FIRST_REST, LONGEST_REST = 1.0, 60.0  # seconds
# How long a process that ends waits for calls under way.
PATIENCE = 3.0  # seconds


@dataclass
class _Rest:
    until: float  # by the monotonic clock
    seconds: float


class Bulkheads:
    """The sending threads of this process."""

    def __init__(self, ended: threading.Event) -> None:
        self._ended = ended
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._threads: set[threading.Thread] = set()
        self._rests: dict[str, _Rest] = {}

    def start(self) -> int:
        """Start threads for what is due. Return how many run now."""
        now = database_clock.read()
        for consumer in all_consumers():
            if not consumer.is_outside or self._rests_now(consumer):
                continue
            with self._lock:
                free = consumer.threads - self._running[consumer.name]
            due = Delivery.objects.due(now).filter(consumer=consumer.name)
            due = due.order_by("due_at", "event_id")  # as in events.deliveries
            for _row in due.values("pk")[: max(0, free)]:
                self._start_one(consumer.name)
        with self._lock:
            return len(self._threads)

    def join(self, seconds: float) -> None:
        """Wait until the threads have ended, for so long at most."""
        until = time.monotonic() + seconds
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _start_one(self, name: str) -> None:
        thread = threading.Thread(
            target=self._run, args=(name,), name=f"send to {name}", daemon=True
        )
        with self._lock:
            self._running[name] += 1
            self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:
            # The system gives no more threads: the place is for the next look.
            self._leave(name, thread)
            raise

    def _run(self, name: str) -> None:
        try:
            while not self._ended.is_set() and self._send_some(name):
                pass
        except Error as error:
            log_failure(f"could not send to {name}; trying again", error)
        except Exception:
            # The next look starts another thread: this fault must not be silent.
            logger.exception("sending to %s failed", name)
        finally:
            connection.close()
            self._leave(name, threading.current_thread())

    def _leave(self, name: str, thread: threading.Thread) -> None:
        with self._lock:
            self._running[name] -= 1
            self._threads.discard(thread)

    def _send_some(self, name: str) -> bool:
        """Send a batch. Return whether there may be more."""
        consumer = find_consumer(name)
        if consumer is None or self._rests_now(consumer):
            return False
        try:
            is_more = bool(send_batch(consumer))
        except Unavailable as error:
            seconds = self._rest(name)
            logger.warning("%s; next try in %g s", error, seconds)
            return False
        if is_more:
            with self._lock:
                self._rests.pop(name, None)
        return is_more

    def _rest(self, name: str) -> float:
        with self._lock:
            before = self._rests.get(name)
            seconds = min(LONGEST_REST, before.seconds * 2) if before else FIRST_REST
            self._rests[name] = _Rest(time.monotonic() + seconds, seconds)
        return seconds

    def _rests_now(self, consumer: Consumer) -> bool:
        with self._lock:
            rest = self._rests.get(consumer.name)
        return consumer.resting or (rest is not None and rest.until > time.monotonic())


def send_in_background(ended: threading.Event) -> threading.Thread:
    """Send from a new thread, and those that it starts, until ``ended`` is set."""
    thread = threading.Thread(
        target=_repeat, args=(ended,), name="send events", daemon=True
    )
    thread.start()
    return thread


def send_once() -> None:
    """Send what is due now, and return when that is done."""
    bulkheads = Bulkheads(threading.Event())
    while bulkheads.start():
        bulkheads.join(LOOK_EVERY)


def _repeat(ended: threading.Event) -> None:
    bulkheads = Bulkheads(ended)
    while not ended.is_set():
        try:
            bulkheads.start()
        except Error as error:
            log_failure("could not look for events to send; trying again", error)
        except Exception:
            logger.exception("could not look for events to send")
        finally:
            connection.close()
        ended.wait(LOOK_EVERY)
    bulkheads.join(PATIENCE)
