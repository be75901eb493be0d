"""Scenarios on which the saga relies, also runnable against Stripe itself.

Each scenario runs against the sandbox, and against Stripe's test mode where a key is
given; without one the second half is unverified, and says so.
"""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from checkout.payments.gateway import IntentStatus, UnexpectedState
from checkout.payments.stripe.gateway import StripeGateway
from tests.support.orders import VISA
from tests.support.sandbox import RETURN

ASKS_THE_BANK = "pm_card_threeDSecure2Required"
AMOUNT = 2400


@pytest.fixture(
    params=["sandbox", pytest.param("stripe", marks=pytest.mark.stripe_live)]
)
def anywhere(request: pytest.FixtureRequest, settings: Settings) -> StripeGateway:
    if request.param == "sandbox":
        settings.STRIPE_API_BASE = request.getfixturevalue("process")
    else:
        settings.STRIPE_API_BASE = settings.STRIPE_LIVE_API_BASE
        settings.STRIPE_SECRET_KEY = request.getfixturevalue("stripe_test_key")
    return StripeGateway()


def key() -> str:
    return str(uuid.uuid4())


def confirmed(gateway: StripeGateway, card: str) -> str:
    intent = gateway.create(key(), AMOUNT, "JPY", key())
    gateway.confirm(intent.id, card, RETURN, key())
    return intent.id


def test_a_card_is_authorised_then_charged_once(anywhere: StripeGateway) -> None:
    intent_id, same = confirmed(anywhere, VISA), key()
    held = anywhere.retrieve(intent_id)
    assert (held.status, held.received) == (IntentStatus.CAPTURABLE, 0)
    assert held.capture_before is not None

    paid = [anywhere.capture(intent_id, same) for _time in range(2)]

    expected = (IntentStatus.SUCCEEDED, AMOUNT)
    assert [(one.status, one.received) for one in paid] == [expected] * 2
    with pytest.raises(UnexpectedState) as refusal:
        anywhere.cancel(intent_id, key())
    assert refusal.value.intent.status is IntentStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
    ],
)
def test_a_declined_card_can_be_followed_by_another(
    anywhere: StripeGateway, card: str, code: str
) -> None:
    intent_id = confirmed(anywhere, card)
    declined = anywhere.retrieve(intent_id)
    assert (declined.status, declined.decline_code) == (IntentStatus.NEEDS_CARD, code)

    held = anywhere.confirm(intent_id, VISA, RETURN, key())

    assert held.status is IntentStatus.CAPTURABLE


def test_a_question_of_the_bank_can_be_left_for_another_card(
    anywhere: StripeGateway,
) -> None:
    intent_id = confirmed(anywhere, ASKS_THE_BANK)
    assert anywhere.retrieve(intent_id).status is IntentStatus.NEEDS_CUSTOMER

    held = anywhere.confirm(intent_id, VISA, RETURN, key())

    assert held.status is IntentStatus.CAPTURABLE


def test_a_void_leaves_nothing_to_charge(anywhere: StripeGateway) -> None:
    intent_id = confirmed(anywhere, VISA)

    void = anywhere.cancel(intent_id, key())

    assert (void.status, void.received) == (IntentStatus.CANCELED, 0)
    with pytest.raises(UnexpectedState):
        anywhere.capture(intent_id, key())


def test_intents_and_events_are_found_in_stripe_s_lists(
    anywhere: StripeGateway,
) -> None:
    before = datetime.now(UTC) - timedelta(minutes=5)
    intent_id = confirmed(anywhere, VISA)

    assert intent_id in {intent.id for intent in anywhere.created_since(before)}
    assert intent_id in {notice.intent_id for notice in anywhere.notices_since(before)}
