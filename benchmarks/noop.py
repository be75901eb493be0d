"""A Celery chain of five tasks that do nothing: the lower limit of all on Celery."""

import os

import redis
from celery import Celery, chain

LINKS = 5
QUEUE = "noop"
COUNTER = "noop:done"

app = Celery("noop", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    task_default_queue=QUEUE,
)
_counter = redis.Redis.from_url(
    os.environ["REDIS_URL"].replace("redis+socket://", "unix://")
)


@app.task
def link() -> None:
    """Do nothing."""


@app.task
def last() -> None:
    """Count a chain that has ended: without a result backend this is the only sign."""
    _counter.incr(COUNTER)


def submit(count: int) -> None:
    for _chain in range(count):
        chain(*[link.si() for _link in range(LINKS - 1)], last.si()).apply_async()


def done() -> int:
    return int(_counter.get(COUNTER) or 0)
