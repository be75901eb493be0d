"""Reconciliation over HTTP: Stripe's SDK against the sandbox's process."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.aftersales.refunds.services import settle
from checkout.payments.gateway import get_gateway
from checkout.reconciliation.run import reconcile
from orders.models import Order, Payment, Refund
from saga.engine import run
from tests.checkout.reconciliation.books import found
from tests.sandboxes.stripe.making import captured, confirmed
from tests.support.ordering import place
from tests.support.refunding import make_refund
from tests.support.sandbox import SandboxProcess
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def sandbox(tmp_path: Path, settings: Settings) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path / "sandbox").start()
    settings.STRIPE_API_BASE = process.url
    get_gateway.cache_clear()
    yield process
    get_gateway.cache_clear()
    process.stop()


def _bought() -> Order:
    order, saga = place(units={"MUG-01": 1})
    run(saga.pk)
    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED
    return order


def _look() -> None:
    reconcile(timezone.now() - timedelta(hours=1), grace=timedelta())


def test_what_agrees_and_what_does_not(sandbox: SandboxProcess) -> None:
    fine, other, vanished, twice, by_hand = (_bought() for _number in range(5))
    refund = settle(make_refund(fine, 500).pk)
    assert refund.status == Refund.Status.SUCCEEDED
    _look()
    assert found() == []
    client = sandbox.client()
    captured(client)
    confirmed(client)
    captured(client, metadata={"order": str(twice.uid)})
    Payment.objects.filter(order=other).update(amount_minor=9, captured_minor=9)
    Payment.objects.filter(order=vanished).update(intent_id="pi_nobody")
    intent_id = Payment.objects.get(order=by_hand).intent_id or ""
    client.v1.refunds.create({"payment_intent": intent_id, "amount": 100})
    captured(client, "pm_card_createDispute")
    # The sandbox's bank takes a moment to dispute it.
    wait_until(lambda: client.v1.disputes.list().data, "the charge is disputed")

    _look()

    expected = [
        ("charge_without_order", ""),
        ("charge_without_order", ""),  # the one that is disputed
        ("dispute_unknown_here", ""),
        ("open_without_order", ""),
        ("two_charges", twice.number),
        ("amount_differs", other.number),
        ("order_without_charge", vanished.number),
        # Its charge is still there, and names an order that keeps to another one.
        ("two_charges", vanished.number),
        ("refund_unknown_here", by_hand.number),
    ]
    assert sorted(found()) == sorted(expected)
