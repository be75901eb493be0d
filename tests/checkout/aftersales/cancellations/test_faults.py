"""A cancellation under every fault: processes that die, a provider and a warehouse.

Each case ends as without the fault: one refund, the goods back once, one mail.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from checkout.aftersales.cancellations import services, stop_shipment
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.warehouse import port
from checkout.aftersales.warehouse.port import Answer, Standing, Status
from checkout.mail.models import OrderMail
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Cancellation, Order, Refund, Shipment
from saga import definition as definitions
from saga.engine import run
from saga.models import Saga, State
from saga.operations import resume
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.cancelling import (
    ask,
    cancellation_saga,
    verdict,
)
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters
from tests.support.refunding import TOTAL, make_charged_order, refunded_total

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

PARTS = ("prepare", "do", "record")


class Killed(BaseException):
    """The process dies here: nothing of the shop catches it."""


def kill_points() -> Iterator[tuple[str, str, str]]:
    """Yield step, part and moment of every point at which a process may die."""
    for step in CANCELLATION.steps:
        for part in PARTS:
            if getattr(step, part) is not None:
                yield step.name, part, "before"
                yield step.name, part, "after"


def die_once(
    monkeypatch: pytest.MonkeyPatch, name: str, part: str, moment: str
) -> None:
    """Let the process die at this point, the first time."""
    lives = [1]

    def deadly(work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any) -> Any:
            if moment == "after" and lives:
                work(*arguments)
            if lives:
                lives.pop()
                raise Killed
            return work(*arguments)

        return wrapped

    steps = []
    for step in CANCELLATION.steps:
        changes: dict[str, Any] = {}
        if step.name == name:
            changes[part] = deadly(getattr(step, part))
        steps.append(replace(step, **changes))
    changed = replace(CANCELLATION, steps=tuple(steps))
    monkeypatch.setitem(definitions._definitions, CANCELLATION.name, changed)


def accepted() -> Order:
    order = make_charged_order()
    services.accept(ask(order), verdict(order))
    return order


def drive(order: Order, clock: Clock, rounds: int = 8) -> Saga:
    """Let time pass, and sweeper and workers work, until the saga rests."""
    saga = cancellation_saga(order)
    for _round in range(rounds):
        run(saga.pk)
        saga.refresh_from_db()
        if saga.state in (State.DONE, State.COMPENSATED, State.FAILED):
            break
        clock.shift(90)
        sweep()
    saga.refresh_from_db()
    return saga


def assert_cancelled_once(order: Order, gateway: FakeGateway) -> None:
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert Cancellation.objects.get().status == Cancellation.Status.DONE
    assert Shipment.objects.get().status == Shipment.Status.CALLED_OFF
    assert refunded_total(gateway) == TOTAL
    assert len(gateway.refunds) == Refund.objects.count() == 1
    assert counters() == (10, 0)
    assert OrderMail.objects.filter(kind="cancelled").count() == 1
    assert not OrderMail.objects.filter(kind="refunded").exists()
    assert_invariants(ended=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("step", "part", "moment"),
    [pytest.param(*each, id="-".join(each)) for each in kill_points()],
)
def test_a_process_that_dies_leaves_one_cancellation(
    gateway: FakeGateway,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    part: str,
    moment: str,
) -> None:
    order = accepted()
    die_once(monkeypatch, step, part, moment)
    with pytest.raises(Killed):
        run(cancellation_saga(order).pk)

    saga = drive(order, clock)

    assert saga.state == State.DONE, saga.error
    assert_cancelled_once(order, gateway)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        provider.OutcomeUnknownError("cut"),
        provider.NotNow("patience"),
        provider.Misconfigured("wrong key"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_of_the_provider_leaves_one_refund(
    gateway: FakeGateway, clock: Clock, error: provider.PaymentError, after: bool
) -> None:
    order = accepted()
    gateway.fail("refund", error, after=after)

    saga = drive(order, clock)

    assert saga.state == State.DONE, saga.error
    assert_cancelled_once(order, gateway)


def test_a_provider_that_refuses_stops_it_for_a_person(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = accepted()
    gateway.fail("refund", provider.Refused("charged back"))

    saga = drive(order, clock)

    assert (saga.state, saga.step) == (State.FAILED, "refund_charge")
    assert saga.alert_wanted_at is not None
    assert refunded_total(gateway) == 0
    assert counters() == (10, 0)
    resume(saga, "yuki", "look")
    assert drive(order, clock).state == State.FAILED
    assert refunded_total(gateway) == 0, "a machine never makes another"


class Warehouse:
    """A warehouse that answers as it is told, the last answer again and again."""

    def __init__(self, *answers: Answer | Exception, standing: Standing) -> None:
        self.answers = list(answers)
        self.standing = standing

    def request_cancellation(self, _shipment: str) -> Answer:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def status(self, shipment: str) -> Status:
        return Status(shipment, self.standing, revision=1, sequence=1)


@pytest.mark.parametrize(
    ("answers", "standing"),
    [
        ((port.NoAnswer("cut"), Answer.ACCEPTED), Standing.ACCEPTED),
        ((port.NotNow("patience"), Answer.ACCEPTED), Standing.ACCEPTED),
        ((port.Misconfigured("secret"), Answer.ACCEPTED), Standing.ACCEPTED),
        ((port.NotFound("unknown"),), Standing.ACCEPTED),
        ((Answer.PENDING, Answer.PENDING, Answer.ACCEPTED), Standing.IN_PROGRESS),
        ((Answer.PENDING,), Standing.CANCELLED),
    ],
    ids=["no answer", "not now", "wrong secret", "not found", "decides later", "did"],
)
def test_a_fault_of_the_warehouse_delays_it(
    gateway: FakeGateway,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    answers: tuple[Any, ...],
    standing: Standing,
) -> None:
    warehouse = Warehouse(*answers, standing=standing)
    monkeypatch.setattr(stop_shipment, "get_warehouse", lambda: warehouse)
    order = accepted()

    saga = drive(order, clock, rounds=30)

    assert saga.state == State.DONE, saga.error
    assert_cancelled_once(order, gateway)


@pytest.mark.parametrize(
    ("answer", "standing"),
    [(Answer.REFUSED, Standing.SHIPPED), (Answer.PENDING, Standing.SHIPPED)],
)
def test_a_warehouse_that_refuses_ends_it(
    gateway: FakeGateway,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    standing: Standing,
) -> None:
    warehouse = Warehouse(answer, standing=standing)
    monkeypatch.setattr(stop_shipment, "get_warehouse", lambda: warehouse)
    order = accepted()

    saga = drive(order, clock)

    assert saga.state == State.COMPENSATED
    assert Cancellation.objects.get().status == Cancellation.Status.REFUSED
    assert refunded_total(gateway) == 0
    assert counters() == (8, 0)
    assert OrderMail.objects.filter(kind="cancel_refused").count() == 1
    assert Shipment.objects.get().status == Shipment.Status.REQUESTED


def test_a_warehouse_that_is_silent_for_long_stops_it_for_a_person(
    gateway: FakeGateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = Warehouse(port.Refused("broken"), standing=Standing.ACCEPTED)
    monkeypatch.setattr(stop_shipment, "get_warehouse", lambda: warehouse)
    order = accepted()

    saga = drive(order, clock)

    assert (saga.state, saga.step) == (State.FAILED, "stop_shipment")
    assert refunded_total(gateway) == 0
    warehouse.answers = [Answer.ACCEPTED]
    resume(saga, "yuki", "it works again")
    assert drive(order, clock).state == State.DONE
    assert_cancelled_once(order, gateway)
