"""Every answer has the shape that Stripe publishes, with all keys."""

import json
from typing import Any

import pytest
import stripe

from sandboxes.stripe import routes
from tests.sandboxes.stripe import making, shapes
from tests.sandboxes.stripe.operations import ASSISTED, OPERATIONS, Client, perform
from tests.support.sandbox import SandboxProcess


def _plain(answer: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(answer.to_dict(), default=vars))
    return plain


def _objects(body: dict[str, Any]) -> list[dict[str, Any]]:
    if body["object"] in ("list", "search_result"):
        return list(body["data"])
    return [body]


def test_every_operation_of_the_sandbox_is_run() -> None:
    assert {*OPERATIONS, *ASSISTED} == {
        operation.name for operation in routes.OPERATIONS
    }


@pytest.mark.parametrize("name", sorted({*OPERATIONS, *ASSISTED}))
def test_an_answer_has_stripes_shape(
    name: str, client: Client, sandbox: SandboxProcess
) -> None:
    body = _plain(perform(name, client, sandbox))
    found = [p for item in _objects(body) for p in _problems(item)]
    assert found == []
    assert _objects(body), "an empty list proves nothing"


def _problems(item: dict[str, Any]) -> list[str]:
    if item.get("deleted"):
        return [] if set(item) == {"id", "object", "deleted"} else [str(item)]
    inner = shapes.problems(item["data"]["object"]) if item["object"] == "event" else []
    return shapes.problems(item) + inner


@pytest.mark.parametrize(
    "card",
    ["pm_card_visa_chargeDeclined", "pm_card_radarBlock", "pm_card_chargeDeclined"],
)
def test_a_decline_has_stripes_shape(client: Client, card: str) -> None:
    with pytest.raises(stripe.CardError) as caught:
        making.confirmed(client, card)
    body = caught.value.json_body["error"]  # type: ignore[index]
    assert shapes.problems(body, "api_errors") == []
    assert shapes.problems(body["payment_intent"]) == []
    charge = client.v1.charges.retrieve(body["charge"])
    assert shapes.problems(_plain(charge)) == []


@pytest.mark.parametrize("sdk", [True, False])
def test_a_challenge_has_stripes_shape(client: Client, sdk: bool) -> None:
    made = making.intent(client)
    asked = client.v1.payment_intents.confirm(
        made.id,
        {
            "payment_method": "pm_card_threeDSecure2Required",
            "return_url": making.BACK,
            "use_stripe_sdk": sdk,
        },
    )
    assert shapes.problems(_plain(asked)) == []
    assert asked.next_action.type == ("use_stripe_sdk" if sdk else "redirect_to_url")


def test_a_voucher_and_its_payment_have_stripes_shape(
    client: Client, sandbox: SandboxProcess
) -> None:
    waiting = making.konbini(client)
    assert shapes.problems(_plain(waiting)) == []
    sandbox.control("POST", "konbini", {"intent": waiting.id, "result": "pay"})
    charge = client.v1.charges.list({"payment_intent": waiting.id}).data[0]
    assert shapes.problems(_plain(charge)) == []


def test_an_expanded_answer_has_stripes_shape(client: Client) -> None:
    paid = making.captured(client)
    wide = client.v1.payment_intents.retrieve(
        paid.id, {"expand": ["latest_charge.balance_transaction", "payment_method"]}
    )
    assert shapes.problems(_plain(wide)) == []
    assert wide.latest_charge.balance_transaction.net == 3200 - 115
    assert wide.payment_method.card.last4 == "4242"


def test_the_check_itself_finds_what_is_wrong(client: Client) -> None:
    body = _plain(making.captured(client))
    del body["client_secret"]
    body.update(amount="3200", status="paid", surprise=1, created=None)
    statuses = shapes.OBJECTS["payment_intent"]["properties"]["status"]["enum"]
    assert shapes.problems(body) == [
        "payment_intent.amount: '3200' is no integer",
        "payment_intent.created: null",
        f"payment_intent.status: 'paid' is none of {statuses}",
        "payment_intent.surprise: unknown to Stripe",
        "payment_intent.client_secret: missing",
    ]
