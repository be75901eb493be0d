"""The provider in memory answers as the sandbox, where the saga relies on it."""

import pytest

from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import (
    CardUnusable,
    Gateway,
    IntentStatus,
    OutcomeUnknownError,
    Refused,
    UnexpectedState,
)
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus

RETURN = "http://127.0.0.1/return"


@pytest.fixture
def fake() -> FakeGateway:
    fake = FakeGateway()
    protocol: Gateway = fake
    protocol.create("order-1", 2400, "JPY", "k1")
    return fake


def test_a_key_brings_its_first_answer_back(fake: FakeGateway) -> None:
    first = fake.confirm("pi_1", "pm_card_visa", RETURN, "k2")
    fake.capture("pi_1", "k3")

    assert fake.confirm("pi_1", "pm_card_visa", RETURN, "k2") == first
    assert first.status is IntentStatus.CAPTURABLE
    assert len(fake.intents) == 1


def test_a_key_with_other_parameters_is_refused(fake: FakeGateway) -> None:
    with pytest.raises(Refused):
        fake.create("order-1", 1, "JPY", "k1")


def test_an_intent_is_charged_once(fake: FakeGateway) -> None:
    fake.confirm("pi_1", "pm_card_visa", RETURN, "k2")
    fake.capture("pi_1", "k3")

    with pytest.raises(UnexpectedState) as refusal:
        fake.capture("pi_1", "k4")

    assert refusal.value.intent.status is IntentStatus.SUCCEEDED


def test_a_charged_intent_is_not_cancelled(fake: FakeGateway) -> None:
    fake.confirm("pi_1", "pm_card_visa", RETURN, "k2")
    fake.capture("pi_1", "k3")

    with pytest.raises(UnexpectedState):
        fake.cancel("pi_1", "k4")

    assert fake.retrieve("pi_1").received == 2400


def test_a_token_works_once(fake: FakeGateway) -> None:
    fake.create("order-2", 2400, "JPY", "k2")
    fake.confirm("pi_1", "ctoken_1", RETURN, "k3")

    with pytest.raises(CardUnusable):
        fake.confirm("pi_2", "ctoken_1", RETURN, "k4")


@pytest.mark.parametrize(("after", "status"), [(False, "before"), (True, "after")])
def test_a_fault_that_is_kept_is_repeated_under_its_key(
    fake: FakeGateway, after: bool, status: str
) -> None:
    fake.fail("cancel", OutcomeUnknownError("500"), after=after, kept=True)

    for _time in range(2):
        with pytest.raises(OutcomeUnknownError):
            fake.cancel("pi_1", "k2")

    canceled = fake.retrieve("pi_1").status is IntentStatus.CANCELED
    assert canceled is (status == "after")


def charged(fake: FakeGateway) -> None:
    fake.confirm("pi_1", "pm_card_visa", RETURN, "k2")
    fake.capture("pi_1", "k3")


def test_a_refund_is_made_once_a_key_and_within_the_charge(fake: FakeGateway) -> None:
    charged(fake)

    first = fake.refund("pi_1", 2000, "name", "r1")
    assert fake.refund("pi_1", 2000, "name", "r1") == first
    with pytest.raises(Refused):
        fake.refund("pi_1", 401, "other", "r2")

    assert list(fake.refunds_of("pi_1")) == [first]


def test_what_failed_can_be_given_back_again(fake: FakeGateway) -> None:
    charged(fake)
    first = fake.refund("pi_1", 2400, "name", "r1")

    fake.settle_refund(first.id, RefundStatus.FAILED, "account_closed")

    assert fake.retrieve_refund(first.id).failure == "account_closed"
    assert fake.refund("pi_1", 2400, "again", "r2").id == "re_2"


def test_what_is_not_charged_is_not_refunded(fake: FakeGateway) -> None:
    with pytest.raises(Refused):
        fake.refund("pi_1", 1, "name", "r1")


def test_a_dispute_is_decided_later(fake: FakeGateway) -> None:
    charged(fake)
    name = fake.open_dispute("pi_1")
    fake.decide_dispute(name, DisputeStatus.LOST)

    dispute = fake.retrieve_dispute(name)
    assert (dispute.status, dispute.amount) == (DisputeStatus.LOST, 2400)
    with pytest.raises(Refused):
        fake.retrieve_dispute("du_nobody")
    with pytest.raises(Refused):
        fake.retrieve_refund("re_nobody")
