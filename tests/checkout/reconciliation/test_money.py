"""Each disagreement of Stripe and our books is found, and no other."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone

from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.payments.gateway import IntentStatus, Refused
from checkout.reconciliation.kinds import OF_INTENTS, Kind
from checkout.reconciliation.models import Mismatch
from inventory import services as inventory
from orders.models import Order, Payment
from saga.engine import run
from saga.models import Saga, State
from tests.checkout.reconciliation.books import (
    buy,
    change,
    found,
    look,
    pay_elsewhere,
    saga_of,
)
from tests.conftest import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

UNPAID = "pm_card_visa_chargeDeclined"


@dataclass(frozen=True)
class Scene:
    gateway: FakeGateway
    clock: Clock

    def cancelled(self) -> Order:
        """Return an order whose customer never paid."""
        order = buy(token=UNPAID)
        Saga.objects.filter(reference=order.number).update(due_at=timezone.now())
        self.clock.shift(3600)
        saga = saga_of(order)
        Saga.objects.filter(pk=saga.pk).update(state=State.RUNNING)
        run(saga.pk)
        order.refresh_from_db()
        assert order.status == Order.Status.CANCELLED
        return order


def _stranger(scene: Scene) -> str:
    pay_elsewhere(scene.gateway, "")
    return ""


def _stranger_with_a_name(scene: Scene) -> str:
    pay_elsewhere(scene.gateway, "invoice 17 of the other shop")
    return ""


def _open_stranger(scene: Scene) -> str:
    pay_elsewhere(scene.gateway, "", IntentStatus.CAPTURABLE)
    return ""


def _twice(scene: Scene) -> str:
    order = buy()
    pay_elsewhere(scene.gateway, str(order.uid))
    return order.number


def _elsewhere(scene: Scene) -> str:
    order = scene.cancelled()
    pay_elsewhere(scene.gateway, str(order.uid))
    return order.number


def _second_open(scene: Scene) -> str:
    order = buy()
    pay_elsewhere(scene.gateway, str(order.uid), IntentStatus.CAPTURABLE)
    return order.number


def _not_recorded(scene: Scene) -> str:
    order = buy()
    Payment.objects.filter(order=order).update(status="authorized", captured_minor=0)
    return order.number


def _not_completed(scene: Scene) -> str:
    order = buy()
    Order.objects.filter(pk=order.pk).update(status="pending")
    return order.number


def _cancelled_but_charged(scene: Scene) -> str:
    order = scene.cancelled()
    change(scene.gateway, order, status=IntentStatus.SUCCEEDED, received=2400)
    return order.number


def _stopped(scene: Scene) -> str:
    order = buy()
    Order.objects.filter(pk=order.pk).update(status="pending")
    now = timezone.now()
    Saga.objects.filter(reference=order.number).update(
        state=State.FAILED, finished_at=None, failed_at=now, alert_wanted_at=now
    )
    return order.number


def _open_for_cancelled(scene: Scene) -> str:
    order = scene.cancelled()
    change(scene.gateway, order, status=IntentStatus.CAPTURABLE)
    return order.number


def _not_charged(scene: Scene) -> str:
    order = buy()
    change(scene.gateway, order, status=IntentStatus.CANCELED, received=0)
    return order.number


def _vanished_charge(scene: Scene) -> str:
    order = buy()
    del scene.gateway.intents[order.payment.intent_id or ""]
    scene.gateway._created.clear()
    return order.number


def _unknown_there(scene: Scene) -> str:
    order = scene.cancelled()
    order.payment.refresh_from_db()
    del scene.gateway.intents[order.payment.intent_id or ""]
    scene.gateway._created.clear()
    return order.number


def _amount(scene: Scene) -> str:
    order = buy()
    change(scene.gateway, order, received=2399)
    return order.number


def _currency(scene: Scene) -> str:
    order = buy()
    change(scene.gateway, order, currency="USD")
    return order.number


def _behind(scene: Scene) -> str:
    order = buy(token=CHALLENGED)
    order.payment.refresh_from_db()
    # The webhook of it is lost.
    scene.gateway.answer_challenge(order.payment.intent_id or "")
    return order.number


def _void_not_recorded(scene: Scene) -> str:
    scene.gateway.fail("confirm", Refused("parameter unknown"), after=True)
    order = buy()
    order.payment.refresh_from_db()
    # The webhook of it is lost, and the order is stopped.
    scene.gateway.cancel_elsewhere(order.payment.intent_id or "")
    return order.number


def _left_open(scene: Scene) -> str:
    order = scene.cancelled()
    Order.objects.filter(pk=order.pk).update(status="pending", cancelled_at=None)
    return order.number


def _without_saga(scene: Scene) -> str:
    order = buy(token=CHALLENGED)
    saga_of(order).delete()
    inventory.release(order.number)
    return order.number


SEEDS: list[tuple[Kind, Callable[[Scene], str]]] = [
    (Kind.CHARGE_WITHOUT_ORDER, _stranger),
    (Kind.CHARGE_WITHOUT_ORDER, _stranger_with_a_name),
    (Kind.OPEN_WITHOUT_ORDER, _open_stranger),
    (Kind.TWO_CHARGES, _twice),
    (Kind.CHARGED_ELSEWHERE, _elsewhere),
    (Kind.SECOND_AUTHORISATION, _second_open),
    (Kind.CHARGE_NOT_RECORDED, _not_recorded),
    (Kind.CHARGED_NOT_COMPLETED, _not_completed),
    (Kind.CHARGED_BUT_CANCELLED, _cancelled_but_charged),
    (Kind.CHARGED_STOPPED, _stopped),
    (Kind.OPEN_FOR_CANCELLED, _open_for_cancelled),
    (Kind.ORDER_WITHOUT_CHARGE, _not_charged),
    (Kind.ORDER_WITHOUT_CHARGE, _vanished_charge),
    (Kind.PAYMENT_UNKNOWN_THERE, _unknown_there),
    (Kind.AMOUNT_DIFFERS, _amount),
    (Kind.CURRENCY_DIFFERS, _currency),
    (Kind.SAGA_BEHIND, _behind),
    (Kind.PAYMENT_BEHIND, _void_not_recorded),
    (Kind.ORDER_LEFT_OPEN, _left_open),
    (Kind.ORDER_WITHOUT_SAGA, _without_saga),
]
# What the same deed does to the goods besides: an order that is made to look as if it
# were not complete has goods that left too early.
GOODS_TOO = {
    Kind.CHARGED_NOT_COMPLETED: [Kind.GOODS_WITHOUT_PAYMENT],
    Kind.CHARGED_STOPPED: [Kind.GOODS_WITHOUT_PAYMENT],
}


@pytest.fixture
def scene(gateway: FakeGateway, clock: Clock) -> Scene:
    return Scene(gateway, clock)


def _expected(kind: Kind, number: str) -> set[tuple[str, str]]:
    return {(kind.value, number) for kind in [kind, *GOODS_TOO.get(kind, [])]}


def test_payments_that_agree_are_no_mismatch(scene: Scene) -> None:
    buy()
    scene.cancelled()
    buy(token=CHALLENGED)

    run = look(scene.clock)

    assert found() == []
    assert (run.intents, run.found, run.fresh) == (3, 0, 0)
    assert run.finished_at is not None


@pytest.mark.long
@pytest.mark.parametrize(("kind", "seed"), SEEDS)
def test_one_thing_that_disagrees_is_found_alone_and_once(
    scene: Scene, kind: Kind, seed: Callable[[Scene], str]
) -> None:
    buy()
    number = seed(scene)

    look(scene.clock)

    assert set(found()) == _expected(kind, number)
    first = Mismatch.objects.count()
    look(scene.clock)
    assert Mismatch.objects.count() == first


@pytest.mark.long
def test_everything_at_once_is_found_and_nothing_else(scene: Scene) -> None:
    buy()
    inventory.receive("MUG-01", 100, "enough for all")
    expected: list[tuple[str, str]] = []
    for kind, seed in SEEDS:
        if seed in (_vanished_charge, _unknown_there):
            continue  # they empty the provider's list
        expected += _expected(kind, seed(scene))
        buy()

    look(scene.clock)

    assert sorted(found()) == sorted(expected)


def test_every_kind_about_money_has_its_seed() -> None:
    assert {kind for kind, _seed in SEEDS} == set(OF_INTENTS)
