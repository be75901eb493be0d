"""Transitions of a dispute: stored when reported, read, decided once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from orders import transitions
from orders.models import Dispute, OrderEvent, Payment
from orders.transitions import disputes, polling
from orders.transitions.disputes import Finding
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

Status = Dispute.Status
SOON = datetime(2030, 1, 1, tzinfo=UTC)
LATER = datetime(2030, 1, 2, tzinfo=UTC)
OPEN = Finding(
    status=Status.NEEDS_RESPONSE,
    is_inquiry=False,
    intent_id="pi_1",
    charge_id="ch_1",
    amount_minor=2400,
    currency="JPY",
    reason="fraudulent",
    due_at=datetime(2030, 1, 9, tzinfo=UTC),
)


def charged() -> Payment:
    payment = make_order().payment
    transitions.record_intent(payment, "pi_1")
    transitions.capture(payment, payment.amount_minor, "ch_1")
    return payment


def test_a_report_is_stored_once_and_plans_a_poll_each_time() -> None:
    first = disputes.report("du_1", SOON)

    assert disputes.report("du_1", LATER) == first

    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.amount_minor) == ("reported", 0)
    assert (dispute.poll_at, dispute.polls) == (LATER, 2)


def test_what_was_read_is_written_beside_its_payment() -> None:
    payment = charged()
    dispute = disputes.report("du_1", SOON)

    assert disputes.record(dispute, OPEN) is True
    assert disputes.record(dispute, OPEN) is False

    assert dispute.payment == payment
    assert (dispute.status, dispute.reason, dispute.due_at) == (
        "needs_response",
        "fraudulent",
        OPEN.due_at,
    )
    event = OrderEvent.objects.get(name="dispute_opened")
    assert event.data["amount"] == 2400


def test_a_dispute_about_an_unknown_charge_is_stored() -> None:
    dispute = disputes.report("du_1", SOON)

    assert disputes.record(dispute, replace(OPEN, intent_id="pi_of_another")) is True

    assert dispute.payment is None
    assert (dispute.intent_id, dispute.amount_minor) == ("pi_of_another", 2400)


@pytest.mark.parametrize("verdict", [Status.WON, Status.LOST, Status.CLOSED])
def test_what_is_decided_stays_decided(verdict: Status) -> None:
    charged()
    dispute = disputes.report("du_1", SOON)
    disputes.record(dispute, OPEN)

    disputes.record(dispute, replace(OPEN, status=verdict))
    disputes.record(dispute, OPEN)

    assert dispute.status == verdict
    assert dispute.closed_at is not None
    event = OrderEvent.objects.get(name="dispute_closed")
    assert event.data == {"outcome": verdict}


def test_a_dispute_first_read_when_it_was_over_has_both_events() -> None:
    charged()
    dispute = disputes.report("du_1", SOON)

    assert disputes.record(dispute, replace(OPEN, status=Status.WON)) is True

    names = OrderEvent.objects.filter(name__startswith="dispute")
    assert [event.name for event in names] == ["dispute_opened", "dispute_closed"]


def test_staff_are_reminded_once_and_only_while_an_answer_is_wanted() -> None:
    charged()
    dispute = disputes.report("du_1", SOON)
    assert disputes.remind(dispute, SOON) is False
    disputes.record(dispute, OPEN)

    assert disputes.remind(dispute, SOON) is True
    assert disputes.remind(dispute, LATER) is False


def test_of_two_sweepers_one_plans_the_poll() -> None:
    mine = disputes.report("du_1", SOON)
    theirs = Dispute.objects.get()

    assert polling.plan_poll(mine, LATER) is True
    assert polling.plan_poll(theirs, LATER) is False


def test_a_poll_that_was_planned_meanwhile_stays_planned() -> None:
    dispute = disputes.report("du_1", SOON)
    seen = dispute.polls
    disputes.report("du_1", LATER)

    polling.finish_poll(dispute, seen, None)
    assert Dispute.objects.get().poll_at == LATER

    polling.finish_poll(dispute, seen + 1, None)
    assert Dispute.objects.get().poll_at is None
