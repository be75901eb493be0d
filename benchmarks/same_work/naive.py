"""A naive saga that writes what an order writes: ``-A benchmarks.same_work.naive``.

Four tasks in a chain, Celery's defaults. It has no claim, no fence and no sweeper: a
killed worker loses an order, and a doubled message charges twice. It shows what
durability costs; do not use it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from celery import Celery, chain

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import placed  # noqa: E402
from benchmarks.same_work import writes  # noqa: E402
from saga.models import Attempt, Direction, Saga, State  # noqa: E402

NAME = "naive"
QUEUE = "naive-same-work"
STEPS = (
    *("reserve_stock", "authorize_payment", "capture_payment", "fulfil_order"),
    "send_confirmation",
)
app = Celery(NAME, broker=os.environ.get("REDIS_URL"), set_as_current=False)
app.conf.update(task_ignore_result=True, task_default_queue=QUEUE)
# As in the shop: the connection to the database is kept between tasks.
app.conf["CELERY_DB_REUSE_MAX"] = 10_000


@app.task
def reserve(number: str) -> str:
    with _step(number, "reserve_stock"):
        writes.reserve(number)
    return number


@app.task
def pay(number: str) -> str:
    intent = writes.authorize(number)
    with _step(number, "authorize_payment"):
        writes.record_authorized(number, intent)
    charged = writes.capture(number, intent.id)
    with _step(number, "capture_payment"):
        writes.record_captured(number, charged.received)
    return number


@app.task
def fulfil(number: str) -> str:
    with _step(number, "fulfil_order"):
        writes.fulfil(number)
    return number


@app.task
def mail(number: str) -> None:
    writes.send_mail(number)
    with _step(number, "send_confirmation"):
        writes.record_mail(number)


@contextmanager
def _step(number: str, name: str) -> Iterator[None]:
    """Record the step in the saga's row and its history, with what it writes."""
    begun = timezone.now()
    with transaction.atomic():
        yield
        saga = Saga.objects.get(definition=NAME, reference=number)
        saga.step = name
        saga.data[name] = {"done": True}
        if name == STEPS[-1]:
            saga.state = State.DONE
            saga.finished_at = timezone.now()
        saga.save(update_fields=["step", "data", "state", "finished_at"])
        Attempt.objects.create(
            saga=saga,
            fence=STEPS.index(name),
            step=name,
            direction=Direction.DO,
            number=1,
            started_at=begun,
            ended_at=timezone.now(),
            outcome=Attempt.Outcome.OK,
        )


def prepare(count: int) -> list[str]:
    return placed.numbers(count, NAME)


def submit(numbers: list[str]) -> None:
    for number in numbers:
        chain(reserve.s(number), pay.s(), fulfil.s(), mail.s()).apply_async()


def done() -> int:
    return Saga.objects.filter(definition=NAME, state=State.DONE).count()
