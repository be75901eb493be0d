"""Refunds: in full, in part, pending, failing, and never too much."""

from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.sandboxes.stripe.receiver import Receiver
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient


def _refund(client: Client, intent: str, **params: Any) -> Any:
    return client.v1.refunds.create({"payment_intent": intent, **params})


def test_a_full_refund_brings_the_money_back_but_not_the_fee(
    client: Client, receiver: Receiver
) -> None:
    paid = making.captured(client)
    refund = _refund(client, paid.id, reason="requested_by_customer")
    assert (refund.status, refund.amount) == ("succeeded", 3200)
    charge = client.v1.charges.retrieve(refund.charge)
    assert (charge.refunded, charge.amount_refunded) == (True, 3200)
    moved = client.v1.balance_transactions.retrieve(refund.balance_transaction)
    assert (moved.amount, moved.fee, moved.net) == (-3200, 0, -3200)
    receiver.wait_for("refund.created", "charge.refunded")
    assert client.v1.payment_intents.retrieve(paid.id).status == "succeeded"


def test_partial_refunds_add_up_to_the_charge_and_no_further(
    client: Client, sandbox: SandboxProcess
) -> None:
    paid = making.captured(client)
    _refund(client, paid.id, amount=1000)
    _refund(client, paid.id, amount=2000)
    charge = client.v1.charges.retrieve(paid.latest_charge)
    assert (charge.refunded, charge.amount_refunded) == (False, 3000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        _refund(client, paid.id, amount=201)
    assert _refund(client, paid.id).amount == 200
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _refund(client, paid.id)
    assert caught.value.code == "charge_already_refunded"
    [seen] = sandbox.intents()
    assert seen["refunded"] == 3200


def test_only_what_was_captured_can_be_refunded(client: Client) -> None:
    held = making.confirmed(client)
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        _refund(client, held.id)
    client.v1.payment_intents.capture(held.id, {"amount_to_capture": 2000})
    with pytest.raises(stripe.InvalidRequestError, match="unrefunded"):
        _refund(client, held.id, amount=2001)
    assert _refund(client, held.id).amount == 2000


def test_a_pending_refund_succeeds_later(
    client: Client, sandbox: SandboxProcess, receiver: Receiver
) -> None:
    refund = _refund(client, making.captured(client, "pm_card_pendingRefund").id)
    assert refund.status == "pending"
    sandbox.advance(601)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    receiver.wait_for("refund.updated")
    told = next(e for e in receiver.events if e.type == "refund.updated")
    assert told.data.previous_attributes["status"] == "pending"


def test_a_failing_refund_puts_the_money_back_into_the_account(
    client: Client, sandbox: SandboxProcess, receiver: Receiver
) -> None:
    paid = making.captured(client, "pm_card_refundFail")
    refund = _refund(client, paid.id)
    assert refund.status == "succeeded"
    sandbox.advance(601)
    failed = client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == (
        "failed",
        "expired_or_canceled_card",
    )
    charge = client.v1.charges.retrieve(paid.latest_charge)
    assert (charge.refunded, charge.amount_refunded) == (False, 0)
    returned = client.v1.balance_transactions.retrieve(
        failed.failure_balance_transaction
    )
    assert (returned.type, returned.amount) == ("refund_failure", 3200)
    receiver.wait_for("refund.failed")
    [seen] = sandbox.intents()
    assert seen["refunded"] == 0


def test_a_tester_can_decide_a_refund(client: Client, sandbox: SandboxProcess) -> None:
    refund = _refund(client, making.captured(client).id)
    sandbox.control("POST", "refunds", {"refund": refund.id, "result": "fail"})
    sandbox.control("POST", "refunds", {"refund": refund.id, "result": "succeed"})
    assert client.v1.refunds.retrieve(refund.id).status == "failed"


def test_either_the_charge_or_the_intent_is_named(client: Client) -> None:
    paid = making.captured(client)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"amount": 100})
    by_charge = client.v1.refunds.create({"charge": paid.latest_charge, "amount": 100})
    assert by_charge.payment_intent == paid.id


def test_a_settled_refund_cannot_be_cancelled(client: Client) -> None:
    refund = _refund(client, making.captured(client).id)
    with pytest.raises(stripe.InvalidRequestError, match="succeeded"):
        client.v1.refunds.cancel(refund.id)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
