"""Sagas in DBOS, driven over standard input: one line, one batch.

``python -m benchmarks.dbos_saga URL`` prints ``ready``, then ``done`` after each batch.
A batch is a number, of workflows of five steps that write nothing but what DBOS itself
writes, or the numbers of placed orders, for which the steps write what an order writes.
"""

# DBOS is installed by ``make bench`` only; the checks have to pass without it.
# mypy: ignore-errors

import sys

import django

django.setup()

from dbos import DBOS, DBOSConfig  # noqa: E402
from django.db import transaction  # noqa: E402

from benchmarks.same_work import writes  # noqa: E402

# Each has a connection of its own, and all of a process share its interpreter.
THREADS = 8


@DBOS.step()
def step(name: str, order: int) -> str:
    return f"{name}:{order}"


@DBOS.workflow()
def saga(order: int) -> None:
    for name in ("reserve", "authorize", "capture", "fulfil", "mail"):
        step(name, order)


@DBOS.step()
def reserve(number: str) -> None:
    with transaction.atomic():
        writes.reserve(number)


@DBOS.step()
def authorize(number: str) -> str:
    intent = writes.authorize(number)
    with transaction.atomic():
        writes.record_authorized(number, intent)
    return intent.id


@DBOS.step()
def capture(number: str, intent_id: str) -> None:
    charged = writes.capture(number, intent_id)
    with transaction.atomic():
        writes.record_captured(number, charged.received)


@DBOS.step()
def fulfil(number: str) -> None:
    with transaction.atomic():
        writes.fulfil(number)


@DBOS.step()
def mail(number: str) -> None:
    writes.send_mail(number)
    with transaction.atomic():
        writes.record_mail(number)


@DBOS.workflow()
def order_saga(number: str) -> None:
    reserve(number)
    capture(number, authorize(number))
    fulfil(number)
    mail(number)


def main(url: str) -> None:
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": url,
        "log_level": "ERROR",
        "run_migrations": True,
        "max_executor_threads": THREADS,
    }
    DBOS(config=config)
    DBOS.launch()
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        for handle in start(line.split()):
            handle.get_result()
        print("done", flush=True)  # noqa: T201
    DBOS.destroy()


def start(batch: list[str]) -> list:
    if batch[0].isdecimal():
        return [DBOS.start_workflow(saga, order) for order in range(int(batch[0]))]
    return [DBOS.start_workflow(order_saga, number) for number in batch]


if __name__ == "__main__":
    main(sys.argv[1])
