"""Alerts about refunds and disputes."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.aftersales.disputes import notices as dispute_notices
from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.refunds import notices as refund_notices
from checkout.aftersales.refunds import services as refunds
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus
from orders.models import Dispute, Order
from orders.transitions import disputes as dispute_moves
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.orders import VISA
from tests.support.refunding import TOTAL, make_charged_order, make_refund

REASON = "the cardholder did not buy this"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addressed(settings: Settings) -> None:
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    settings.SITE_URL = "https://shop.example"
    settings.TIME_ZONE = "UTC"


def told() -> tuple[str, str]:
    """Return subject and text of the one alert that was sent, and clear the outbox."""
    sweep()
    (alert,) = [one for one in mail.outbox if one.to == ["staff@minato-tv.example"]]
    mail.outbox.clear()
    return str(alert.subject), str(alert.body)


def disputed(gateway: FakeGateway, status: DisputeStatus) -> Dispute:
    name = gateway.open_dispute("pi_1", timezone.now() + timedelta(days=9))
    gateway.decide_dispute(name, status)
    dispute = dispute_moves.report(name, timezone.now())
    return disputes.read(dispute.pk)


def page(order: Order) -> str:
    return f"https://shop.example/admin/orders/order/{order.pk}/change/"


def test_a_failed_refund_says_why_and_where_to_look(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    order = make_charged_order()
    gateway.fail("refund", provider.Refused("the charge was charged back"))
    refunds.settle(make_refund(order, 1800).pk)

    subject, text = told()

    assert subject == f"The refund of ¥1,800 for order {order.number} failed"
    assert "Why: the charge was charged back" in text
    assert "The customer does not have the money.\n" in text
    assert page(order) in text
    assert f"{settings.RUNBOOK_URL}#an-alert-says-that-a-refund-failed" in text


def test_a_late_failure_says_what_the_customer_knows_and_where_the_goods_are(
    gateway: FakeGateway, clock: Clock
) -> None:
    refund = make_refund(make_charged_order(), TOTAL, goods={"MUG-01": 2}, restock=True)
    refunds.settle(refund.pk)
    gateway.settle_refund("re_1", RefundStatus.FAILED, "account_closed")
    refunds.settle(refund.pk)

    _subject, text = told()

    assert "They were told that it was refunded." in text
    assert "Back in stock since: 2 x MUG-01. They stay there." in text


def test_a_refund_without_an_answer_warns_of_a_second_one(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    make_refund(order, 1800)
    for _round in range(6):
        gateway.fail("refunds_of", provider.OutcomeUnknownError("no answer"))
        clock.shift(600)
        refunds.sweep_refunds()

    subject, text = told()

    assert subject.startswith("No answer about the refund of ¥1,800 for order")
    assert "do not refund it again" in text


def test_a_dispute_says_amount_order_and_deadline(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    dispute = disputed(gateway, DisputeStatus.NEEDS_RESPONSE)

    subject, text = told()

    assert subject == f"¥4,200 of order {order.number} is disputed: {REASON}"
    assert "Evidence is taken until 2030-01-10" in text
    assert f"/admin/orders/dispute/{dispute.pk}/change/" in text
    assert "Do not refund it as well." in text


def test_a_question_of_the_bank_is_no_dispute_yet(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    disputed(gateway, DisputeStatus.WARNING_NEEDS_RESPONSE)

    subject, text = told()

    assert subject == f"A bank asks about ¥4,200 of order {order.number}: {REASON}"
    assert "No money was taken back." in text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (DisputeStatus.WON, "was won: the money is back"),
        (DisputeStatus.LOST, "was lost: the money and the fee are gone"),
        (DisputeStatus.PREVENTED, "was closed"),
    ],
)
def test_the_decision_raises_an_alert(
    gateway: FakeGateway, clock: Clock, verdict: DisputeStatus, words: str
) -> None:
    order = make_charged_order()
    dispute = disputed(gateway, DisputeStatus.UNDER_REVIEW)
    told()
    gateway.decide_dispute(dispute.dispute_id, verdict)
    disputes.read(dispute.pk)

    subject, _text = told()

    assert subject == f"The dispute about ¥4,200 of order {order.number} {words}"


def test_the_deadline_raises_a_second_alert(gateway: FakeGateway, clock: Clock) -> None:
    disputed_order = make_charged_order()
    disputed(gateway, DisputeStatus.NEEDS_RESPONSE)
    told()
    clock.shift(8 * 24 * 3600)
    disputes.sweep_disputes()

    subject, text = told()

    assert subject.endswith(f"{disputed_order.number} still needs your answer")
    assert "Evidence is taken until 2030-01-10" in text


def test_a_dispute_of_another_shop_and_one_that_cannot_be_read_raise_alerts(
    gateway: FakeGateway, clock: Clock
) -> None:
    intent = gateway.create("another-shop", 900, "JPY", "k1")
    gateway.confirm(intent.id, VISA, "", "k2")
    gateway.capture_elsewhere(intent.id)
    disputed(gateway, DisputeStatus.LOST)
    assert told()[0] == f"¥900 (there is no order here) is disputed: {REASON}"

    dispute_moves.report("du_nobody", timezone.now())
    for _round in range(6):
        gateway.fail("retrieve_dispute", provider.Refused("no such dispute"))
        clock.shift(600)
        disputes.sweep_disputes()

    subject, text = told()
    assert subject == "A dispute was reported that cannot be read: du_nobody"
    assert "Last error: no such dispute" in text


def test_the_runbook_has_the_chapters_that_these_alerts_lead_to() -> None:
    text = (Path(__file__).parents[3] / "docs/operations/README.md").read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}

    assert {refund_notices.ANCHOR, dispute_notices.ANCHOR} <= anchors
