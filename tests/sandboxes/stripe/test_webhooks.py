"""Webhooks: signed, retried, kept over a restart, and changed by fault rules."""

import json
import time

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.sandboxes.stripe.conftest import NewSandbox
from tests.sandboxes.stripe.receiver import Receiver
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient
PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.amount_capturable_updated",
    "charge.captured",
    "payment_intent.succeeded",
]


def test_a_payment_tells_its_story(client: Client, receiver: Receiver) -> None:
    paid = making.captured(client)
    receiver.wait_for(*PAID)
    assert sorted(receiver.types()) == sorted(PAID)
    last = next(e for e in receiver.events if e.type == "payment_intent.succeeded")
    assert (last.data.object.id, last.data.object.status) == (paid.id, "succeeded")
    assert last.api_version == "2026-10-28.endive"
    assert client.v1.events.retrieve(last.id).type == last.type


def test_an_event_names_the_request_that_caused_it(
    client: Client, receiver: Receiver
) -> None:
    client.v1.payment_intents.create(
        {"amount": 3200, "currency": "jpy"}, {"idempotency_key": "order:A:create"}
    )
    receiver.wait_for("payment_intent.created")
    assert receiver.events[0].request.idempotency_key == "order:A:create"


def test_a_refused_delivery_comes_again(client: Client, receiver: Receiver) -> None:
    receiver.answers += [500, 500]
    making.intent(client)
    receiver.wait(lambda: len(receiver.events) == 3)
    assert len({event.id for event in receiver.events}) == 1
    assert receiver.bodies[0] == receiver.bodies[2]


def test_deliveries_survive_a_kill(new_sandbox: NewSandbox) -> None:
    receiver = Receiver()
    try:
        own = new_sandbox("--webhook-url", receiver.url, "--webhook-backoff", "0.5")
        receiver.answers += [500]
        making.intent(own.client())
        receiver.wait(lambda: len(receiver.events) == 1)
        own.kill()
        own.start()
        receiver.wait(lambda: len(receiver.events) == 2)
        assert receiver.events[0].id == receiver.events[1].id
    finally:
        receiver.close()


def test_a_delivery_is_given_up_after_three_days(
    sandbox: SandboxProcess, client: Client, receiver: Receiver
) -> None:
    receiver.answers += [500] * 20
    making.intent(client)
    receiver.wait(lambda: len(receiver.events) >= 1)
    sandbox.advance(3 * 24 * 3600 + 60)
    receiver.wait(lambda: _states(sandbox) == {"failed"})
    told = len(receiver.events)
    time.sleep(0.6)
    assert len(receiver.events) == told


def test_a_dropped_event_never_arrives_but_is_listed(
    sandbox: SandboxProcess, client: Client, receiver: Receiver
) -> None:
    sandbox.fault("any", "webhook_drop", event="payment_intent.amount*")
    held = making.confirmed(client)
    receiver.wait_for("payment_intent.created", "charge.succeeded")
    time.sleep(0.4)
    assert "payment_intent.amount_capturable_updated" not in receiver.types()
    listed = client.v1.events.list({"type": "payment_intent.amount_capturable_updated"})
    assert [event.data.object.id for event in listed.data] == [held.id]
    sandbox.control("POST", "deliveries/resend", {"event": listed.data[0].id})
    receiver.wait_for("payment_intent.amount_capturable_updated")


def test_an_event_can_arrive_twice(
    sandbox: SandboxProcess, client: Client, receiver: Receiver
) -> None:
    sandbox.fault("any", "webhook_duplicate", event="payment_intent.created")
    making.intent(client)
    receiver.wait(lambda: len(receiver.events) == 2)
    assert receiver.events[0].id == receiver.events[1].id


def test_an_event_can_be_late(
    sandbox: SandboxProcess, client: Client, receiver: Receiver
) -> None:
    sandbox.fault("any", "webhook_delay", event="payment_intent.created", seconds=3600)
    making.intent(client)
    time.sleep(0.4)
    assert receiver.events == []
    sandbox.advance(3600)
    receiver.wait_for("payment_intent.created")


def test_a_later_event_can_overtake(
    sandbox: SandboxProcess, client: Client, receiver: Receiver
) -> None:
    sandbox.fault("any", "webhook_reorder", event="payment_intent.created")
    made = making.intent(client)
    client.v1.payment_intents.cancel(made.id)
    receiver.wait(lambda: len(receiver.events) == 2)
    assert receiver.types() == ["payment_intent.canceled", "payment_intent.created"]


def test_a_failed_call_tells_nothing(
    sandbox: SandboxProcess, client: Client, receiver: Receiver
) -> None:
    made = making.intent(client)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(made.id)
    receiver.wait(lambda: len(receiver.events) >= 1)
    time.sleep(0.3)
    assert receiver.types() == ["payment_intent.created"]


def test_the_signature_is_over_the_bytes_that_were_sent(
    client: Client, receiver: Receiver
) -> None:
    making.intent(client)
    receiver.wait(lambda: len(receiver.events) == 1)
    body, header = receiver.bodies[0], receiver.headers[0]["Stripe-Signature"]
    assert json.loads(body)["id"] == receiver.events[0].id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", header, "whsec_sandbox")


def _states(sandbox: SandboxProcess) -> set[str]:
    found = sandbox.control("GET", "deliveries")["deliveries"]
    return {row["state"] for row in found}
