"""Checkout Sessions: one payment on a page of Stripe's, without JavaScript."""

from typing import Any

import pytest
import requests
import stripe

from tests.sandboxes.stripe import making, shapes
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient
VISA = "4242424242424242"
DECLINED = "4000000000000002"
ASKED = "4000002760003184"
HALF_AN_HOUR = 1800


def pay(session: Any, number: str = VISA) -> requests.Response:
    form = {"number": number, "expiry": "12 / 34", "cvc": "123", "email": "h@x.jp"}
    return requests.post(session.url, data=form, allow_redirects=False, timeout=20)


def read(client: Client, session: Any) -> Any:
    return client.v1.checkout.sessions.retrieve(session.id)


def kinds(client: Client) -> list[str]:
    found = client.v1.events.list({"limit": 20}).data
    return [event.type for event in reversed(found)]


def test_a_card_completes_the_session_and_waits_for_its_capture(
    client: Client,
) -> None:
    made = making.session(client)
    assert (made.status, made.payment_intent) == ("open", None)
    answer = pay(made)
    assert (answer.status_code, answer.headers["Location"]) == (303, making.BACK)
    now = read(client, made)
    assert (now.status, now.payment_status, now.url) == ("complete", "unpaid", None)
    intent = client.v1.payment_intents.retrieve(now.payment_intent)
    assert (intent.status, intent.amount) == ("requires_capture", 3200)
    assert intent.metadata.to_dict() == {"order": "A1"}
    assert kinds(client)[-1] == "checkout.session.completed"
    assert shapes.problems(now.to_dict()) == []


def test_a_second_card_on_a_completed_page_charges_nothing(client: Client) -> None:
    made = making.session(client)
    pay(made)
    pay(made)
    assert len(client.v1.charges.list().data) == 1


def test_a_declined_card_may_be_followed_by_another(client: Client) -> None:
    made = making.session(client)
    refused = pay(made, DECLINED)
    assert refused.status_code == requests.codes.ok
    assert "declined" in refused.text
    first = read(client, made)
    assert (first.status, bool(first.payment_intent)) == ("open", True)
    pay(made)
    now = read(client, made)
    assert (now.status, now.payment_intent) == ("complete", first.payment_intent)


def test_the_banks_question_leads_back_to_the_shop(client: Client) -> None:
    made = making.session(client)
    bank = pay(made, ASKED).headers["Location"]
    assert read(client, made).status == "open"
    secret = bank.partition("client_secret=")[2]
    answer = requests.post(
        bank.partition("?")[0],
        data={"client_secret": secret, "result": "complete"},
        allow_redirects=False,
        timeout=20,
    )
    assert read(client, made).status == "complete"
    page = requests.get(answer.headers["Location"], allow_redirects=False, timeout=20)
    assert page.headers["Location"] == making.BACK


def test_an_expired_session_takes_no_card_and_voids_its_intent(
    client: Client,
) -> None:
    made = making.session(client)
    pay(made, DECLINED)
    ended = client.v1.checkout.sessions.expire(made.id)
    assert (ended.status, ended.url) == ("expired", None)
    intent = client.v1.payment_intents.retrieve(ended.payment_intent)
    assert intent.status == "canceled"
    pay(made)
    assert read(client, made).status == "expired"
    assert kinds(client)[-1] == "checkout.session.expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(made.id)


def test_a_session_expires_by_itself(client: Client, sandbox: SandboxProcess) -> None:
    now = sandbox.control("GET", "clock")["now"]
    made = making.session(client, expires_at=now + HALF_AN_HOUR + 60)
    sandbox.advance(HALF_AN_HOUR + 61)
    assert read(client, made).status == "expired"


def test_the_intent_of_an_open_session_is_not_cancelled_itself(client: Client) -> None:
    made = making.session(client)
    pay(made, DECLINED)
    intent = read(client, made).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout"):
        client.v1.payment_intents.cancel(intent)


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"expires_at": 1}, "expires_at"),
        ({"mode": "subscription"}, "mode"),
        ({"payment_method_types": ["konbini"]}, "payment_method_types"),
        ({"discounts": [{"coupon": "x"}]}, "discounts"),
        ({"line_items": [{"price": "price_1"}]}, "line_items[0]"),
    ],
)
def test_what_the_sandbox_cannot_do_is_refused_by_name(
    client: Client, params: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        making.session(client, **params)
    assert caught.value.param == param
