"""The naive saga's worker: ``celery -A benchmarks.naive.tasks``."""

import os

import django
from celery import Celery, chain

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from benchmarks.naive.models import NaiveOrder, NaiveStock  # noqa: E402
from checkout.payments.gateway import get_gateway  # noqa: E402

QUEUE = "naive"
app = Celery("naive", broker=os.environ["REDIS_URL"])
app.conf.update(task_ignore_result=True, task_default_queue=QUEUE)


@app.task
def reserve(pk: int) -> int:
    with transaction.atomic():
        order = NaiveOrder.objects.get(pk=pk)
        rows = NaiveStock.objects.filter(sku=order.sku, free__gt=0)
        if not rows.update(free=F("free") - 1):
            raise RuntimeError
        order.state = "reserved"
        order.save()
    return pk


@app.task
def pay(pk: int) -> int:
    order = NaiveOrder.objects.get(pk=pk)
    intent = get_gateway().create(f"naive-{pk}", 1000, "JPY", f"naive-{pk}-create")
    get_gateway().confirm(intent.id, "pm_card_visa", "", f"naive-{pk}-confirm")
    get_gateway().capture(intent.id, f"naive-{pk}-capture")
    order.intent = intent.id
    order.state = "paid"
    order.save()
    return pk


@app.task
def fulfil(pk: int) -> None:
    order = NaiveOrder.objects.get(pk=pk)
    order.state = "done"
    order.save()


def prepare(count: int) -> list[int]:
    NaiveStock.objects.update_or_create(sku="MUG", defaults={"free": 1_000_000})
    rows = [NaiveOrder(sku="MUG") for _order in range(count)]
    return [row.pk for row in NaiveOrder.objects.bulk_create(rows)]


def submit(pks: list[int]) -> None:
    for pk in pks:
        chain(reserve.s(pk), pay.s(), fulfil.s()).apply_async()


def done() -> int:
    return NaiveOrder.objects.filter(state="done").count()
