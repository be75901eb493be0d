"""Each disagreement about refunds and disputes is found, and no other."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.utils import timezone

from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.payment_sync import sweep_payments
from checkout.aftersales.refunds import services as refunds
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus
from checkout.reconciliation.kinds import OF_DISPUTES, OF_REFUNDS, Kind
from checkout.reconciliation.models import Mismatch
from orders.models import Dispute, Order, Payment, Refund
from tests.checkout.reconciliation.books import buy, found, look, pay_elsewhere
from tests.conftest import Clock
from tests.support.commands import refused
from tests.support.refunding import make_refund

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Seed = Callable[[FakeGateway], str]


def _intent(order: Order) -> str:
    return Payment.objects.get(order=order).intent_id or ""


def _given_back(order: Order, amount: int = 500) -> Refund:
    refund = make_refund(order, amount)
    Refund.objects.filter(pk=refund.pk).update(requested_at=timezone.now())
    return refunds.settle(refund.pk)


def _by_hand(gateway: FakeGateway) -> str:
    order = buy()
    gateway.refund_elsewhere(_intent(order), 300)
    return order.number


def _vanished(gateway: FakeGateway) -> str:
    order = buy()
    refund = _given_back(order)
    del gateway.refunds[refund.refund_id or ""]
    return order.number


def _other_amount(gateway: FakeGateway) -> str:
    order = buy()
    refund = _given_back(order)
    name = refund.refund_id or ""
    gateway.refunds[name] = replace(gateway.refunds[name], amount=400)
    return order.number


def _failed_there(gateway: FakeGateway) -> str:
    order = buy()
    refund = _given_back(order)
    gateway.settle_refund(refund.refund_id or "", RefundStatus.FAILED, "closed")
    return order.number


def _disputed(gateway: FakeGateway) -> str:
    order = buy()
    gateway.open_dispute(_intent(order))
    return order.number


def _decided(gateway: FakeGateway) -> str:
    order = buy()
    name = gateway.open_dispute(_intent(order))
    disputes.report(name)
    disputes.read(Dispute.objects.get(dispute_id=name).pk)
    Dispute.objects.update(poll_at=None)
    gateway.decide_dispute(name, DisputeStatus.LOST)
    return order.number


SEEDS: list[tuple[Kind, Seed]] = [
    (Kind.REFUND_UNKNOWN_HERE, _by_hand),
    (Kind.REFUND_AMOUNT_DIFFERS, _other_amount),
    (Kind.REFUND_STATE_DIFFERS, _failed_there),
    (Kind.DISPUTE_UNKNOWN_HERE, _disputed),
    (Kind.DISPUTE_STATE_DIFFERS, _decided),
    # Last: the provider in memory would give its number to the next.
    (Kind.REFUND_UNKNOWN_THERE, _vanished),
]


def test_refunds_and_disputes_that_agree_are_no_mismatch(
    gateway: FakeGateway, clock: Clock
) -> None:
    _given_back(buy())
    gateway.next_refund = RefundStatus.FAILED
    _given_back(buy())
    gateway.next_refund = RefundStatus.PENDING
    _given_back(buy())
    make_refund(buy(), 100)  # not sent yet
    name = gateway.open_dispute(_intent(buy()))
    disputes.report(name)
    disputes.read(Dispute.objects.get(dispute_id=name).pk)
    gateway.refund_elsewhere(pay_elsewhere(gateway, "of another shop"), 2400)

    look(clock)

    assert found() == []


@pytest.mark.parametrize(("kind", "seed"), SEEDS)
def test_one_thing_that_disagrees_is_found_alone_and_once(
    gateway: FakeGateway, clock: Clock, kind: Kind, seed: Seed
) -> None:
    buy()
    number = seed(gateway)

    look(clock)

    assert found() == [(kind.value, number)]
    look(clock)
    assert Mismatch.objects.count() == 1


def test_all_at_once_are_found_and_nothing_else(
    gateway: FakeGateway, clock: Clock
) -> None:
    expected = [(kind.value, seed(gateway)) for kind, seed in SEEDS]

    look(clock)

    assert sorted(found()) == sorted(expected)


def test_every_kind_about_money_that_went_back_has_its_seed() -> None:
    assert {kind for kind, _seed in SEEDS} == {*OF_REFUNDS, *OF_DISPUTES}


def test_old_mismatches_are_compared_again(gateway: FakeGateway, clock: Clock) -> None:
    _failed_there(gateway)
    look(clock)
    clock.shift(30 * 86_400)
    look(clock)
    assert [kind for kind, _number in found()] == ["refund_state_differs"]

    (refund,) = Refund.objects.all()
    refunds.settle(refund.pk)
    look(clock)

    assert found() == []


@pytest.mark.parametrize("seed", [_by_hand, _failed_there, _disputed, _decided])
def test_waking_reads_stripe_again_so_that_they_agree(
    gateway: FakeGateway, clock: Clock, seed: Seed
) -> None:
    seed(gateway)
    look(clock)
    calls = gateway.count("refund")

    code, _message, out = refused("reconcile_payments", "--wake", "--since", "7d")

    assert code == 1
    assert "Woken: " in out
    clock.shift(3600)
    sweep_payments()
    refunds.sweep_refunds()
    disputes.sweep_disputes()
    look(clock)
    assert found() == []
    assert gateway.count("refund") == calls


def test_money_given_back_elsewhere_settles_a_charge_without_order(
    gateway: FakeGateway, clock: Clock
) -> None:
    stray = pay_elsewhere(gateway, "")
    look(clock)
    assert found() == [("charge_without_order", "")]

    gateway.refund_elsewhere(stray, 2400)
    look(clock)

    assert found() == []
