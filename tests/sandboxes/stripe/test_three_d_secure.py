"""3-D Secure: the bank asks the customer, who passes, fails, or is not there."""

import urllib.parse
import urllib.request

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient
CARDS = [
    "pm_card_threeDSecure2Required",
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequiredOnSetup",
]


@pytest.mark.parametrize("card", CARDS)
def test_passing_the_challenge_authorises(
    client: Client, sandbox: SandboxProcess, card: str
) -> None:
    asked = making.confirmed(client, card)
    assert (asked.status, asked.latest_charge) == ("requires_action", None)
    _answer(sandbox, asked.id, "complete")
    held = client.v1.payment_intents.retrieve(asked.id)
    assert (held.status, held.next_action) == ("requires_capture", None)
    charge = client.v1.charges.retrieve(held.latest_charge)
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_failing_the_challenge_asks_for_another_card(
    client: Client, sandbox: SandboxProcess
) -> None:
    asked = making.confirmed(client, CARDS[0])
    _answer(sandbox, asked.id, "fail")
    after = client.v1.payment_intents.retrieve(asked.id)
    assert (after.status, after.payment_method, after.latest_charge) == (
        "requires_payment_method",
        None,
        None,
    )
    assert after.last_payment_error.code == "payment_intent_authentication_failure"


@pytest.mark.parametrize(
    ("card", "decline_code"),
    [
        (
            "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
            "insufficient_funds",
        ),
        ("pm_card_threeDSecureRequiredChargeDeclined", "generic_decline"),
    ],
)
def test_a_card_may_be_declined_after_the_challenge(
    client: Client, sandbox: SandboxProcess, card: str, decline_code: str
) -> None:
    asked = making.confirmed(client, card)
    assert asked.status == "requires_action"
    _answer(sandbox, asked.id, "complete")
    after = client.v1.payment_intents.retrieve(asked.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error.decline_code == decline_code


def test_a_second_answer_changes_nothing(
    client: Client, sandbox: SandboxProcess
) -> None:
    asked = making.confirmed(client, CARDS[0])
    _answer(sandbox, asked.id, "complete")
    _answer(sandbox, asked.id, "fail")
    _answer(sandbox, asked.id, "complete")
    [seen] = sandbox.intents()
    assert seen["status"] == "requires_capture"
    assert len(seen["charges"]) == 1


def test_an_answer_after_the_cancellation_moves_no_money(
    client: Client, sandbox: SandboxProcess
) -> None:
    asked = making.confirmed(client, CARDS[0])
    client.v1.payment_intents.cancel(asked.id)
    _answer(sandbox, asked.id, "complete")
    [seen] = sandbox.intents()
    assert (seen["status"], seen["charges"]) == ("canceled", [])


def test_an_absent_customer_is_declined(client: Client) -> None:
    made = making.intent(client)
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.confirm(
            made.id,
            {
                "payment_method": CARDS[0],
                "return_url": making.BACK,
                "off_session": True,
            },
        )
    assert caught.value.code == "authentication_required"


def test_an_integration_that_cannot_ask_is_declined(client: Client) -> None:
    made = making.intent(client)
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.confirm(
            made.id,
            {
                "payment_method": CARDS[0],
                "return_url": making.BACK,
                "error_on_requires_action": True,
            },
        )
    assert caught.value.error is not None
    assert caught.value.error.decline_code == "authentication_not_handled"


@pytest.mark.parametrize(
    ("result", "status"), [("complete", "succeeded"), ("fail", "failed")]
)
def test_the_banks_page_leads_back_to_the_shop(
    client: Client, sandbox: SandboxProcess, result: str, status: str
) -> None:
    made = making.intent(client)
    asked = client.v1.payment_intents.confirm(
        made.id, {"payment_method": CARDS[0], "return_url": making.BACK + "?order=A1"}
    )
    page = asked.next_action.redirect_to_url.url
    fields = urllib.parse.urlencode({"result": result}).encode()

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_parts: object) -> None:
            return None

    with pytest.raises(urllib.request.HTTPError) as caught:
        urllib.request.build_opener(Stay).open(page, fields)
    target = urllib.parse.urlsplit(caught.value.headers["Location"])
    caught.value.close()
    assert target._replace(query="").geturl() == making.BACK
    assert dict(urllib.parse.parse_qsl(target.query)) == {
        "order": "A1",
        "payment_intent": made.id,
        "payment_intent_client_secret": made.client_secret,
        "redirect_status": status,
    }


def test_the_banks_page_opens_with_the_secret_only(
    client: Client, sandbox: SandboxProcess
) -> None:
    asked = making.confirmed(client, CARDS[0])
    for secret in ("", "?client_secret=wrong"):
        with pytest.raises(urllib.request.HTTPError) as caught:
            urllib.request.urlopen(f"{sandbox.url}/3ds/{asked.id}{secret}")
        caught.value.close()
        assert caught.value.code == 404


def _answer(sandbox: SandboxProcess, intent: str, result: str) -> None:
    sandbox.control("POST", "challenge", {"intent": intent, "result": result})
