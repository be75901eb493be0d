"""Rows inserted by a statement that is made once are those that ``create`` writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, models

from orders.models import Order, OrderEvent
from saga.models import Attempt, Saga
from shop.database.insert import insert
from shop.database_clock import Now
from tests.support.orders import make_order, make_saga

TIMES = ("started_at", "ended_at", "created_at")


def fields(row: models.Model) -> dict[str, Any]:
    """Return what is stored; of times, whether they are set."""
    stored = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    del stored["id"]
    return {n: bool(v) if n in TIMES else v for n, v in stored.items()}


def attempt(saga: Saga, fence: int) -> dict[str, Any]:
    return {
        "saga_id": saga.pk,
        "fence": fence,
        "step": "reserve_stock",
        "direction": "do",
        "number": 1,
        "started_at": Now(),
        "ended_at": Now(),
        "outcome": Attempt.Outcome.OK,
        "output": {"届け": [1, "%s"]},
        "worker": "host:1:a",
    }


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_row_is_the_one_that_create_writes() -> None:
    saga = make_saga({"MUG-01": 1})
    made = Attempt.objects.create(**attempt(saga, 7))

    insert(Attempt, attempt(saga, 8))

    made.refresh_from_db()
    written = Attempt.objects.get(saga=saga, fence=8)
    assert fields(written) | {"fence": 7} == fields(made)
    assert written.ended_at is not None
    assert made.ended_at is not None
    assert abs((written.ended_at - made.ended_at).total_seconds()) < 60


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_default_of_the_database_stays_with_the_database() -> None:
    order = make_order()
    name = OrderEvent.Name.ORDER_PLACED
    made = OrderEvent.objects.create(order=order, name=name, key="a")

    insert(OrderEvent, {"order_id": order.pk, "name": name, "key": "b"})

    written = OrderEvent.objects.get(order=order, key="b")
    assert fields(written) | {"key": "a"} == fields(OrderEvent.objects.get(pk=made.pk))


@pytest.mark.both_databases
@pytest.mark.django_db
def test_twice_is_once_only_where_it_is_asked_for() -> None:
    order = make_order()
    row = {"order_id": order.pk, "name": OrderEvent.Name.ORDER_PLACED, "key": "a"}
    insert(OrderEvent, row)

    insert(OrderEvent, row, twice=False)

    assert OrderEvent.objects.filter(order=order).count() == 1
    with pytest.raises(IntegrityError):
        insert(OrderEvent, row)


def test_a_field_that_does_not_exist_is_named() -> None:
    with pytest.raises(TypeError, match=r"orders\.Order has no colour"):
        insert(Order, {"colour": "red"})


@pytest.mark.django_db
def test_a_time_with_an_offset_is_refused_and_not_rounded_to_now() -> None:
    saga = make_saga({"MUG-01": 1})
    later = {"ended_at": Now(timedelta(hours=1))}

    with pytest.raises(TypeError, match=r"ended_at takes Now\(\), without an offset"):
        insert(Attempt, attempt(saga, 9) | later)

    assert not Attempt.objects.filter(fence=9).exists()
