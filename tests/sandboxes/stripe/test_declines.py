"""Every test card that a bank or the risk check declines."""

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.support.sandbox import SandboxProcess

GENERIC = "Your card was declined."
DECLINES = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", GENERIC),
    (
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", GENERIC),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", GENERIC),
    (
        "pm_card_chargeDeclinedExpiredCard",
        "expired_card",
        "expired_card",
        "Your card has expired.",
    ),
    (
        "pm_card_chargeDeclinedIncorrectCvc",
        "incorrect_cvc",
        "incorrect_cvc",
        "Your card's security code is incorrect.",
    ),
    (
        "pm_card_chargeDeclinedProcessingError",
        "processing_error",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    ("pm_card_radarBlock", "card_declined", "fraudulent", GENERIC),
]


@pytest.mark.parametrize(("card", "code", "decline_code", "message"), DECLINES)
def test_a_declined_card_leaves_the_intent_open_for_another(
    client: stripe.StripeClient, card: str, code: str, decline_code: str, message: str
) -> None:
    made = making.intent(client)
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.confirm(
            made.id, {"confirmation_token": making.token(client, card)}
        )
    error = caught.value
    assert error.error is not None
    assert (error.http_status, error.code, error.error.decline_code) == (
        402,
        code,
        decline_code,
    )
    assert error.user_message == message
    assert error.error.payment_intent.id == made.id

    after = client.v1.payment_intents.retrieve(made.id)
    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert after.last_payment_error.decline_code == decline_code
    charge = client.v1.charges.retrieve(after.latest_charge)
    assert (charge.status, charge.paid, charge.captured) == ("failed", False, False)
    assert (charge.failure_code, charge.amount_captured) == (code, 0)

    again = client.v1.payment_intents.confirm(
        made.id, {"confirmation_token": making.token(client)}
    )
    assert (again.status, again.last_payment_error) == ("requires_capture", None)


def test_a_blocked_payment_never_reaches_the_bank(
    client: stripe.StripeClient,
) -> None:
    with pytest.raises(stripe.CardError) as caught:
        making.confirmed(client, "pm_card_radarBlock")
    assert caught.value.error is not None
    outcome = client.v1.charges.retrieve(caught.value.error.charge).outcome
    assert (outcome.type, outcome.network_status) == ("blocked", "not_sent_to_network")


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"number": "4242"}, "incorrect_number", "number"),
        ({"exp_month": "13"}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": "2020"}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"number": "378282246310005"}, "invalid_cvc", "cvc"),
    ],
)
def test_a_mistyped_card_is_refused_before_any_charge(
    sandbox: SandboxProcess, fields: dict[str, str], code: str, param: str
) -> None:
    card = {
        "number": "4242424242424242",
        "exp_month": "12",
        "exp_year": "2040",
        "cvc": "123",
        **fields,
    }
    browser = sandbox.client(key="pk_test_sandbox")
    with pytest.raises(stripe.CardError) as caught:
        browser.v1.payment_methods.create({"type": "card", "card": card})
    assert (caught.value.code, caught.value.param) == (code, param)
    assert sandbox.intents() == []


def test_a_number_that_is_no_test_card_is_declined(
    client: stripe.StripeClient, sandbox: SandboxProcess
) -> None:
    browser = sandbox.client(key="pk_test_sandbox")
    method = browser.v1.payment_methods.create(
        {
            "type": "card",
            "card": {
                "number": "4111111111111111",
                "exp_month": 12,
                "exp_year": 2040,
                "cvc": "123",
            },
        }
    )
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.confirm(
            making.intent(client).id,
            {"payment_method": method.id, "return_url": making.BACK},
        )
    assert caught.value.error is not None
    assert caught.value.error.decline_code == "test_mode_live_card"


def test_a_secret_key_may_not_send_card_numbers(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="generally unsafe"):
        client.v1.payment_methods.create(
            {
                "type": "card",
                "card": {
                    "number": "4242424242424242",
                    "exp_month": 12,
                    "exp_year": 2040,
                    "cvc": "123",
                },
            }
        )


def test_no_card_number_is_kept(sandbox: SandboxProcess) -> None:
    browser = sandbox.client(key="pk_test_sandbox")
    browser.v1.payment_methods.create(
        {
            "type": "card",
            "card": {
                "number": "4111 1111 1111 1111",
                "exp_month": 12,
                "exp_year": 2040,
                "cvc": "987",
            },
        }
    )
    kept = b"".join(path.read_bytes() for path in sandbox.data.iterdir())
    assert b"4111111111111111" not in kept
    assert b"4111 1111" not in kept
