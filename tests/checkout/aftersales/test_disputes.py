"""Disputes are read when they are reported, alert staff, and are decided once."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.aftersales.disputes.services import read, sweep_disputes
from checkout.aftersales.disputes.services import report as report_dispute
from checkout.aftersales.payment_sync import sweep_payments
from checkout.aftersales.refunds.services import settle
from checkout.mail.models import OrderMail
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import SIGNATURE, FakeGateway
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.services import apply_event
from orders.models import Dispute, Payment, Refund
from saga.models import Alert
from tests.conftest import Clock
from tests.support.orders import VISA
from tests.support.refunding import make_charged_order, make_refund, refunded_total

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def report(kind: str, object_id: str, intent: str = "pi_1", event: str = "e1") -> None:
    """Deliver a webhook and let a worker apply it."""
    body = {"id": event, "type": kind, "intent_id": intent, "object_id": object_id}
    answer = Client().post(
        "/webhooks/stripe/",
        json.dumps(body),
        content_type="application/json",
        headers={"Stripe-Signature": SIGNATURE},
    )
    assert answer.status_code == 200
    apply_event(ProviderEvent.objects.get(event_id=event).pk)


def topics() -> list[str]:
    return [alert.topic for alert in Alert.objects.order_by("pk")]


def opened(gateway: FakeGateway, days: int = 9) -> Dispute:
    name = gateway.open_dispute("pi_1", timezone.now() + timedelta(days=days))
    report("charge.dispute.created", name)
    return read(Dispute.objects.get().pk)


def test_a_dispute_is_read_linked_to_its_order_and_raises_an_alert(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()

    dispute = opened(gateway)

    assert dispute.payment == order.payment
    assert (dispute.status, dispute.amount_minor) == ("needs_response", 4200)
    assert dispute.due_at == timezone.now() + timedelta(days=9)
    assert order.events.filter(name="dispute_opened").count() == 1
    assert topics() == [f"dispute_opened {dispute.pk}"]


def test_reports_that_come_twice_and_in_the_wrong_order_raise_one_alert(
    gateway: FakeGateway, clock: Clock
) -> None:
    make_charged_order()
    name = gateway.open_dispute("pi_1")
    gateway.decide_dispute(name, DisputeStatus.LOST)
    report("charge.dispute.closed", name, event="e1")
    report("charge.dispute.created", name, event="e2")

    for _time in range(3):
        read(Dispute.objects.get().pk)

    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.poll_at) == ("lost", None)
    assert topics() == [f"dispute_opened {dispute.pk}"]


@pytest.mark.parametrize("verdict", [DisputeStatus.WON, DisputeStatus.LOST])
def test_the_banks_decision_is_recorded_and_raises_an_alert(
    gateway: FakeGateway, clock: Clock, verdict: DisputeStatus
) -> None:
    order = make_charged_order()
    dispute = opened(gateway)

    gateway.decide_dispute(dispute.dispute_id, verdict)
    report("charge.dispute.closed", dispute.dispute_id, event="e2")
    dispute = read(dispute.pk)

    assert (dispute.status, dispute.poll_at) == (verdict.value, None)
    assert dispute.closed_at is not None
    assert order.events.get(name="dispute_closed").data == {"outcome": verdict.value}
    assert topics()[1:] == [f"dispute_closed {dispute.pk}"]


def test_a_dispute_about_a_charge_of_another_shop_is_stored_and_raises_an_alert(
    gateway: FakeGateway, clock: Clock
) -> None:
    intent = gateway.create("another-shop", 900, "JPY", "k1")
    gateway.confirm(intent.id, VISA, "", "k2")
    gateway.capture_elsewhere(intent.id)
    name = gateway.open_dispute(intent.id)

    report("charge.dispute.created", name, intent=intent.id)
    dispute = read(Dispute.objects.get().pk)

    assert (dispute.payment, dispute.amount_minor) == (None, 900)
    assert topics() == [f"dispute_opened {dispute.pk}"]


def test_a_dispute_that_cannot_be_read_is_tried_again_and_raises_an_alert(
    gateway: FakeGateway, clock: Clock
) -> None:
    make_charged_order()
    name = gateway.open_dispute("pi_1")
    report("charge.dispute.created", name)
    for _round in range(8):
        gateway.fail("retrieve_dispute", provider.OutcomeUnknownError("no answer"))
        clock.shift(3600)
        sweep_disputes()
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.error) == ("reported", "no answer")
    assert topics() == [f"dispute_unanswered {dispute.pk}"]

    clock.shift(3600)
    sweep_disputes()

    dispute.refresh_from_db()
    assert (dispute.status, dispute.error) == ("needs_response", "")


def test_staff_are_reminded_two_days_before_the_deadline_without_any_report(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.ALERT_WINDOW = 1
    make_charged_order()
    dispute = opened(gateway, days=9)

    for _half_day in range(13):
        clock.shift(12 * 3600)
        sweep_disputes()
    assert len(topics()) == 1
    for _half_day in range(4):
        clock.shift(12 * 3600)
        sweep_disputes()

    assert topics()[1:] == [f"dispute_due {dispute.pk}"]


def test_staff_who_have_answered_are_not_reminded(
    gateway: FakeGateway, clock: Clock
) -> None:
    make_charged_order()
    dispute = opened(gateway)
    gateway.decide_dispute(dispute.dispute_id, DisputeStatus.UNDER_REVIEW)

    clock.shift(8 * 24 * 3600)
    sweep_disputes()

    assert Dispute.objects.get().status == "under_review"
    assert len(topics()) == 1


def test_a_bank_that_only_asks_has_taken_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    make_charged_order()
    name = gateway.open_dispute("pi_1")
    gateway.decide_dispute(name, DisputeStatus.WARNING_NEEDS_RESPONSE)
    report("charge.dispute.created", name)

    dispute = read(Dispute.objects.get().pk)

    assert (dispute.status, dispute.is_inquiry) == ("needs_response", True)


@pytest.mark.parametrize("kind", ["refund.updated", "refund.failed", "charge.refunded"])
def test_a_report_about_a_refund_makes_it_be_read_again(
    gateway: FakeGateway, clock: Clock, kind: str
) -> None:
    gateway.next_refund = RefundStatus.PENDING
    refund = make_refund(make_charged_order(), 1800)
    settle(refund.pk)
    gateway.settle_refund("re_1", RefundStatus.SUCCEEDED)
    polls = Refund.objects.get().polls

    report(kind, "re_1")
    assert Refund.objects.get().polls == polls + 1
    settle(refund.pk)

    assert Refund.objects.get().status == "succeeded"


def test_a_refund_made_on_the_providers_own_pages_counts_here_and_makes_none(
    gateway: FakeGateway, clock: Clock
) -> None:
    make_charged_order()
    gateway.refund_elsewhere("pi_1", 500)

    report("refund.created", "re_1")
    report("charge.refunded", "ch_pi_1", event="e2")

    sweep_payments(timezone.now() + timedelta(minutes=1))

    found = Refund.objects.get()
    assert (found.origin, found.status) == ("provider", "succeeded")
    assert Payment.objects.get().refunded_minor == refunded_total(gateway) == 500
    assert topics() == [f"refund_found {found.pk}"]
    assert not OrderMail.objects.exists()


def test_a_dispute_that_stripe_does_not_know_is_set_aside_with_one_alert(
    gateway: FakeGateway, clock: Clock
) -> None:
    report_dispute("du_of_another_account")
    for _hour in range(3):
        clock.shift(3600)
        sweep_disputes()

    dispute = Dispute.objects.get()
    assert dispute.status == Dispute.Status.SET_ASIDE
    assert dispute.poll_at is None
    assert "no such thing: du_of_another_account" in dispute.error
    assert gateway.count("retrieve_dispute") == 1
    assert Alert.objects.count() == 1
    assert not Dispute.objects.open().exists()


def test_a_dispute_that_was_set_aside_is_read_when_it_is_reported_again(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    report_dispute("du_1")
    clock.shift(60)
    sweep_disputes()
    gateway.open_dispute(Payment.objects.get(order=order).intent_id or "")

    report_dispute("du_1")
    clock.shift(60)
    sweep_disputes()

    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.error) == (Dispute.Status.NEEDS_RESPONSE, "")
    assert dispute.payment is not None
    assert dispute.poll_at is not None


def test_a_dispute_that_the_key_may_not_read_is_asked_for_until_the_key_is_mended(
    gateway: FakeGateway, clock: Clock
) -> None:
    report_dispute("du_1")
    gateway.fail("retrieve_dispute", provider.Misconfigured("check STRIPE_SECRET_KEY"))
    clock.shift(60)

    sweep_disputes()

    dispute = Dispute.objects.get()
    assert dispute.status == Dispute.Status.REPORTED
    assert dispute.error == "check STRIPE_SECRET_KEY"
    assert dispute.poll_at is not None
