"""Refunds and disputes through the gateway, against the sandbox's real process."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout.payments.gateway import (
    Misconfigured,
    NotNow,
    OutcomeUnknownError,
    PaymentError,
    Refused,
)
from checkout.payments.refunds_and_disputes import (
    DisputeStatus,
    ProviderRefund,
    RefundStatus,
)
from checkout.payments.stripe.gateway import StripeGateway
from tests.checkout.payments.stripe_objects import TRIES
from tests.support.orders import VISA
from tests.support.sandbox import RETURN, Sandbox


def charged(gateway: StripeGateway, card: str = VISA) -> str:
    intent = gateway.create("order-1", 2400, "JPY", "create")
    gateway.confirm(intent.id, card, RETURN, "confirm")
    gateway.capture(intent.id, "capture")
    return intent.id


def give_back(
    gateway: StripeGateway, intent_id: str, amount: int = 1000, key: str = "r1"
) -> ProviderRefund:
    return gateway.refund(intent_id, amount, f"name-{key}", key)


def refunded(sandbox: Sandbox) -> int:
    (seen,) = sandbox.intents()
    return int(seen["refunded"])


def test_a_part_goes_back_and_is_found_by_its_name(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = charged(gateway)

    refund = give_back(gateway, intent_id)

    assert (refund.status, refund.amount, refund.currency) == (
        RefundStatus.SUCCEEDED,
        1000,
        "JPY",
    )
    assert (refund.intent_id, refund.name) == (intent_id, "name-r1")
    assert gateway.retrieve_refund(refund.id) == refund
    assert list(gateway.refunds_of(intent_id)) == [refund]
    assert refunded(sandbox) == 1000


def test_the_same_key_gives_back_once(gateway: StripeGateway, sandbox: Sandbox) -> None:
    intent_id = charged(gateway)

    first = give_back(gateway, intent_id)

    assert give_back(gateway, intent_id) == first
    assert refunded(sandbox) == 1000


def test_more_than_was_charged_is_refused(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = charged(gateway)

    with pytest.raises(Refused, match="unrefunded"):
        give_back(gateway, intent_id, 2401)

    assert refunded(sandbox) == 0


def test_what_is_not_charged_cannot_go_back(gateway: StripeGateway) -> None:
    intent = gateway.create("order-1", 2400, "JPY", "create")

    with pytest.raises(Refused):
        give_back(gateway, intent.id)
    gateway.confirm(intent.id, VISA, RETURN, "confirm")
    with pytest.raises(Refused):
        give_back(gateway, intent.id, key="r2")


def test_a_pending_refund_succeeds_later(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    refund = give_back(gateway, charged(gateway, "pm_card_pendingRefund"))
    assert refund.status is RefundStatus.PENDING

    sandbox.post("refunds", {"refund": refund.id, "result": "succeed"})

    assert gateway.retrieve_refund(refund.id).status is RefundStatus.SUCCEEDED


def test_a_refund_can_fail_after_it_succeeded(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    refund = give_back(gateway, charged(gateway))

    sandbox.post("refunds", {"refund": refund.id, "result": "fail"})

    now = gateway.retrieve_refund(refund.id)
    assert (now.status, now.failure) == (
        RefundStatus.FAILED,
        "expired_or_canceled_card",
    )


@pytest.mark.parametrize(
    ("kind", "options", "error", "gone"),
    [
        ("error_before", {"status": 500}, OutcomeUnknownError, 0),
        ("error_after", {"status": 500}, OutcomeUnknownError, 1000),
        ("cut_before", {}, OutcomeUnknownError, 0),
        ("cut_after", {}, OutcomeUnknownError, 1000),
        ("withhold", {"seconds": 1.5}, OutcomeUnknownError, 1000),
        ("error_before", {"status": 409}, NotNow, 0),
        ("error_before", {"status": 429}, NotNow, 0),
        ("error_before", {"status": 401}, Misconfigured, 0),
        ("error_before", {"status": 402}, Refused, 0),
    ],
)
def test_every_fault_says_what_is_known_of_it(
    gateway: StripeGateway,
    sandbox: Sandbox,
    kind: str,
    options: dict[str, float],
    error: type[PaymentError],
    gone: int,
) -> None:
    intent_id = charged(gateway)
    sandbox.fault("refund", kind, times=TRIES, **options)

    with pytest.raises(error):
        give_back(gateway, intent_id)

    assert refunded(sandbox) == gone
    made = gateway.refunds_of(intent_id)
    assert sum(one.amount for one in made if isinstance(one, ProviderRefund)) == gone


def test_a_listing_that_is_answered_by_a_fault_is_an_error_of_ours(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = charged(gateway)
    sandbox.fault("refunds.list", "error_before", status=500, times=TRIES)

    with pytest.raises(OutcomeUnknownError):
        list(gateway.refunds_of(intent_id))
    with pytest.raises(Refused):
        gateway.retrieve_refund("re_nobody")


def test_a_dispute_is_read_with_its_deadline(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = charged(gateway)
    charge_id = gateway.retrieve(intent_id).charge_id
    opened = sandbox.post("disputes", {"charge": charge_id})

    dispute = gateway.retrieve_dispute(opened["id"])

    assert (dispute.status, dispute.amount, dispute.currency) == (
        DisputeStatus.NEEDS_RESPONSE,
        2400,
        "JPY",
    )
    assert (dispute.intent_id, dispute.charge_id) == (intent_id, charge_id)
    assert dispute.reason == "fraudulent"
    assert dispute.due_at is not None
    assert dispute.due_at > datetime.now(UTC) + timedelta(days=8)

    sandbox.post("disputes", {"dispute": dispute.id, "result": "won"})
    assert gateway.retrieve_dispute(dispute.id).status is DisputeStatus.WON


def test_a_disputed_charge_is_not_refunded_as_well(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    intent_id = charged(gateway)
    sandbox.post("disputes", {"charge": gateway.retrieve(intent_id).charge_id})

    with pytest.raises(Refused, match="charged back"):
        give_back(gateway, intent_id)
