"""Disputes: opened by a test card, answered, won and lost."""

from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.sandboxes.stripe.receiver import Receiver
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient


def _disputed(client: Client, sandbox: SandboxProcess, card: str) -> Any:
    paid = making.captured(client, card)
    sandbox.advance(1)
    [dispute] = client.v1.disputes.list({"payment_intent": paid.id}).data
    return dispute


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_createDispute", "fraudulent"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received"),
    ],
)
def test_a_dispute_withdraws_the_money(
    client: Client,
    sandbox: SandboxProcess,
    receiver: Receiver,
    card: str,
    reason: str,
) -> None:
    dispute = _disputed(client, sandbox, card)
    assert (dispute.status, dispute.reason, dispute.amount) == (
        "needs_response",
        reason,
        3200,
    )
    assert dispute.evidence_details.due_by > dispute.created
    [moved] = dispute.balance_transactions
    assert (moved.amount, moved.fee, moved.net) == (-3200, 1300, -4500)
    assert client.v1.charges.retrieve(dispute.charge).disputed is True
    receiver.wait_for("charge.dispute.created", "charge.dispute.funds_withdrawn")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"charge": dispute.charge})
    assert caught.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("text", "status", "net"),
    [("winning_evidence", "won", 0), ("losing_evidence", "lost", -4500)],
)
def test_the_evidence_decides(
    client: Client,
    sandbox: SandboxProcess,
    receiver: Receiver,
    text: str,
    status: str,
    net: int,
) -> None:
    dispute = _disputed(client, sandbox, "pm_card_createDispute")
    answered = client.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": text}}
    )
    assert answered.evidence_details.submission_count == 1
    sandbox.advance(1)
    closed = client.v1.disputes.retrieve(dispute.id)
    assert closed.status == status
    assert sum(moved.net for moved in closed.balance_transactions) == net
    receiver.wait_for("charge.dispute.closed")


def test_staged_evidence_is_not_yet_an_answer(
    client: Client, sandbox: SandboxProcess
) -> None:
    dispute = _disputed(client, sandbox, "pm_card_createDispute")
    staged = client.v1.disputes.update(
        dispute.id,
        {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": False},
    )
    assert (staged.status, staged.evidence_details.has_evidence) == (
        "needs_response",
        True,
    )
    assert staged.evidence_details.submission_count == 0


def test_silence_loses(client: Client, sandbox: SandboxProcess) -> None:
    dispute = _disputed(client, sandbox, "pm_card_createDispute")
    sandbox.advance(10 * 24 * 3600)
    lost = client.v1.disputes.retrieve(dispute.id)
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)


def test_giving_in_loses_at_once(client: Client, sandbox: SandboxProcess) -> None:
    dispute = _disputed(client, sandbox, "pm_card_createDispute")
    assert client.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.close(dispute.id)


def test_an_inquiry_takes_no_money_and_can_be_refunded(
    client: Client, sandbox: SandboxProcess
) -> None:
    dispute = _disputed(client, sandbox, "pm_card_createDisputeInquiry")
    assert (dispute.status, dispute.is_charge_refundable) == (
        "warning_needs_response",
        True,
    )
    assert dispute.balance_transactions == []
    assert client.v1.refunds.create({"charge": dispute.charge}).status == "succeeded"


def test_a_tester_can_dispute_any_charge_once(
    client: Client, sandbox: SandboxProcess
) -> None:
    charge = making.captured(client).latest_charge
    first = sandbox.control("POST", "disputes", {"charge": charge})
    second = sandbox.control("POST", "disputes", {"charge": charge})
    assert first["id"] == second["id"]
    won = {"dispute": first["id"], "result": "won"}
    assert sandbox.control("POST", "disputes", won)["status"] == "won"
