"""Fault rules: each kind, on each operation that matters to a shop."""

from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient
ACTS = ["create", "confirm", "capture", "cancel", "refund"]
KEY: Any = {"idempotency_key": "the-key"}


class Act:
    """One operation on a new intent, under one key, and how often it took effect."""

    def __init__(self, name: str, client: Client, sandbox: SandboxProcess) -> None:
        self.name, self.sandbox = name, sandbox
        self.params: Any = {}
        if name == "create":
            self.params = {"amount": 3200, "currency": "jpy"}
        elif name == "confirm":
            self.target = making.intent(client).id
            self.params = {"confirmation_token": making.token(client)}
        elif name == "refund":
            self.target = making.captured(client).id
            self.params = {"payment_intent": self.target, "amount": 1000}
        else:
            self.target = making.confirmed(client).id

    def run(self, client: Client) -> Any:
        intents = client.v1.payment_intents
        if self.name == "create":
            return intents.create(self.params, KEY)
        if self.name == "refund":
            return client.v1.refunds.create(self.params, KEY)
        return getattr(intents, self.name)(self.target, self.params, KEY)

    def times(self) -> int:
        """Return how often the operation took effect."""
        found = self.sandbox.intents()
        if self.name == "create":
            return len(found)
        [seen] = found
        counts: dict[str, int] = {
            "confirm": len(seen["charges"]),
            "capture": seen["captured"] // 3200,
            "cancel": int(seen["status"] == "canceled"),
            "refund": seen["refunded"] // 1000,
        }
        return counts[self.name]


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest, client: Client, sandbox: SandboxProcess) -> Act:
    return Act(request.param, client, sandbox)


def test_a_500_before_the_effect(
    act: Act, client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault(act.name, "error_before", status=500)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            act.run(client)
    assert act.times() == 0


def test_a_500_after_the_effect(
    act: Act, client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault(act.name, "error_after", status=500)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            act.run(client)
    assert act.times() == 1


def test_an_unstored_500_after_the_effect_lets_the_retry_see_it(
    act: Act, client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault(act.name, "error_after", status=500, stored=False)
    with pytest.raises(stripe.APIError):
        act.run(client)
    assert act.times() == 1
    assert act.run(client).id
    assert act.times() == 1


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (429, stripe.RateLimitError, "rate_limit"),
        (409, stripe.APIError, "lock_timeout"),
    ],
)
def test_a_call_put_off_succeeds_on_the_next_try(
    act: Act,
    client: Client,
    sandbox: SandboxProcess,
    status: int,
    error: type[stripe.StripeError],
    code: str,
) -> None:
    sandbox.fault(act.name, "error_before", status=status)
    with pytest.raises(error) as caught:
        act.run(client)
    assert caught.value.http_status == status
    assert caught.value.error is not None
    assert caught.value.error.code == code
    assert act.times() == 0
    assert act.run(client).id
    assert act.times() == 1


def test_a_connection_cut_before_the_effect(
    act: Act, client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault(act.name, "cut_before")
    with pytest.raises(stripe.APIConnectionError):
        act.run(client)
    assert act.times() == 0
    assert act.run(client).id
    assert act.times() == 1


def test_a_connection_cut_after_the_effect(
    act: Act, client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault(act.name, "cut_after")
    with pytest.raises(stripe.APIConnectionError):
        act.run(client)
    assert act.times() == 1
    assert act.run(client).id
    assert act.times() == 1


def test_an_answer_withheld_past_the_timeout(act: Act, sandbox: SandboxProcess) -> None:
    sandbox.fault(act.name, "withhold", seconds=1.5)
    with pytest.raises(stripe.APIConnectionError):
        act.run(sandbox.client(timeout=0.5))
    assert act.times() == 1
    assert act.run(sandbox.client()).id
    assert act.times() == 1


def test_the_sdk_repairs_a_single_cut_by_itself(
    act: Act, sandbox: SandboxProcess
) -> None:
    sandbox.fault(act.name, "cut_after")
    assert act.run(sandbox.client(retries=2)).id
    assert act.times() == 1


def test_a_retrieve_can_fail_too(client: Client, sandbox: SandboxProcess) -> None:
    made = making.intent(client)
    sandbox.fault("retrieve", "error_before", status=503, times=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.payment_intents.retrieve(made.id)
    assert client.v1.payment_intents.retrieve(made.id).id == made.id


def test_a_rule_can_wait_and_can_aim(client: Client, sandbox: SandboxProcess) -> None:
    first, second = making.intent(client), making.intent(client)
    sandbox.fault("retrieve", "cut_before", skip=1, object=second.id)
    assert client.v1.payment_intents.retrieve(first.id).id
    assert client.v1.payment_intents.retrieve(second.id).id
    assert client.v1.payment_intents.retrieve(first.id).id
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.retrieve(second.id)
    assert client.v1.payment_intents.retrieve(second.id).id


def test_a_rule_can_aim_at_an_idempotency_key(
    client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault("create", "error_before", status=429, key="order:B")
    params: Any = {"amount": 3200, "currency": "jpy"}
    client.v1.payment_intents.create(params, {"idempotency_key": "order:A:create"})
    with pytest.raises(stripe.RateLimitError):
        client.v1.payment_intents.create(params, {"idempotency_key": "order:B:create"})


def test_rules_are_listed_and_cleared(client: Client, sandbox: SandboxProcess) -> None:
    sandbox.fault("create", "cut_before", times=3)
    [rule] = sandbox.control("GET", "faults")["faults"]
    assert (rule["kind"], rule["operation"], rule["remaining"]) == (
        "cut_before",
        "create",
        3,
    )
    assert sandbox.control("DELETE", "faults") == {"removed": 1}
    assert sandbox.control("GET", "faults") == {"faults": []}
    assert making.intent(client).status == "requires_payment_method"
