"""A worker dies at every point of every step of the shipping saga."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.mail.models import MailKind, OrderMail
from orders.models import Order, Parcel
from saga.definition import register
from saga.engine import run
from saga.models import Saga, State
from saga.step import Context, Effect, Kind, Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed
from tests.support.invariants import assert_invariants
from tests.support.refunding import make_charged_order
from tests.support.warehouse import BOTH, FakeWarehouse, box, shipping_of, tell

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

Record = Callable[[Context, Any], Any]
REPORTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("accepted", {}),
    ("packed", {}),
    ("shipped", {"parcel": box(1, {"MUG-01": 2})}),
    ("shipped", {"parcel": box(2, {"TEA-01": 1})}),
    ("delivered", {}),
)


def points() -> list[str]:
    """Return the points of every step: a local one has no outside call."""
    found: list[str] = []
    for step in SHIPPING.steps:
        called = ["called"] if step.kind is Kind.EXTERNAL else []
        places = ("claimed", *called, "before_commit", "committed")
        found += [f"{step.name}.{place}" for place in places]
    return found


class Trigger:
    """Kills the process once, when the point of that name is reached."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.has_fired = False

    def reach(self, point: str) -> None:
        if point == self.point and not self.has_fired:
            self.has_fired = True
            raise Killed


@pytest.fixture
def deadly(request: pytest.FixtureRequest) -> Iterator[Trigger]:
    trigger = Trigger(request.param)
    steps = tuple(_deadly(step, trigger) for step in SHIPPING.steps)
    register(replace(SHIPPING, steps=steps))
    yield trigger
    register(SHIPPING)


def _deadly(step: Step, trigger: Trigger) -> Step:
    if step.kind is Kind.LOCAL:
        return replace(step, do=_finishing(step.do, step.name, trigger))
    assert step.record is not None
    return replace(
        step,
        do=_calling(step.do, step.name, trigger),
        record=_recording(step.record, step.name, trigger),
    )


def _calling(call: Effect, name: str, trigger: Trigger) -> Effect:
    def do(context: Context) -> Any:
        trigger.reach(f"{name}.claimed")
        result = call(context)
        trigger.reach(f"{name}.called")
        return result

    return do


def _recording(record: Record, name: str, trigger: Trigger) -> Record:
    def write(context: Context, result: Any) -> Any:
        recorded = record(context, result)
        transaction.on_commit(lambda: trigger.reach(f"{name}.committed"))
        trigger.reach(f"{name}.before_commit")
        return recorded

    return write


def _finishing(effect: Effect, name: str, trigger: Trigger) -> Effect:
    def do(context: Context) -> Any:
        trigger.reach(f"{name}.claimed")
        return _recording(lambda given, _none: effect(given), name, trigger)(
            context, None
        )

    return do


def work(order: Order, clock: Clock) -> None:
    """Run the saga in processes that may die, until the lease of each has ended."""
    for _process in range(4):
        with suppress(Killed):
            run(shipping_of(order).pk)
        clock.shift(61)
        with suppress(Killed):
            sweep()


@pytest.mark.long
@pytest.mark.parametrize("deadly", points(), indirect=True)
def test_whatever_dies_the_order_is_asked_for_and_announced_once(
    deadly: Trigger, warehouse: FakeWarehouse, gateway: object, clock: Clock
) -> None:
    with suppress(Killed):
        make_charged_order(BOTH)
    order = Order.objects.get()
    for number, (kind, data) in enumerate(REPORTS, start=1):
        work(order, clock)
        tell(kind, order, number, **data)
    work(order, clock)

    assert deadly.has_fired
    saga = Saga.objects.get(definition=SHIPPING.name)
    assert (saga.state, saga.error) == (State.DONE, "")
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    assert list(warehouse.orders) == [order.number]
    assert warehouse.orders[order.number].revision == 1
    assert Parcel.objects.filter(delivered_at__isnull=False).count() == 2
    assert OrderMail.objects.filter(kind=MailKind.SHIPPED).count() == 2
    assert WarehouseOrder.objects.count() == 1
    assert_invariants(ended=False)
