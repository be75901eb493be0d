"""Idempotency keys: a repeated request gets the first answer."""

import socket
import threading
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.sandboxes.stripe.conftest import NewSandbox
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient
PARAMS: Any = {"amount": 3200, "currency": "jpy", "capture_method": "manual"}


def _key(name: str) -> Any:
    return {"idempotency_key": name}


def test_the_same_call_is_answered_from_memory(
    client: Client, sandbox: SandboxProcess
) -> None:
    first = client.v1.payment_intents.create(PARAMS, _key("k"))
    second = client.v1.payment_intents.create(PARAMS, _key("k"))
    assert second.id == first.id
    assert len(sandbox.intents()) == 1
    headers = second.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.request_id
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_an_answer_from_memory_shows_the_past(client: Client) -> None:
    made = client.v1.payment_intents.create(PARAMS, _key("k"))
    client.v1.payment_intents.cancel(made.id)
    replayed = client.v1.payment_intents.create(PARAMS, _key("k"))
    assert replayed.status == "requires_payment_method"
    assert client.v1.payment_intents.retrieve(made.id).status == "canceled"


def test_a_decline_is_remembered(client: Client, sandbox: SandboxProcess) -> None:
    made = making.intent(client)
    params: Any = {
        "confirmation_token": making.token(client, "pm_card_visa_chargeDeclined")
    }
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.confirm(made.id, params, _key("k"))
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.confirm(made.id, params, _key("k"))
    assert caught.value.headers["Idempotent-Replayed"] == "true"  # type: ignore[index]
    [seen] = sandbox.intents()
    assert len(seen["charges"]) == 1


def test_a_conflict_of_state_is_remembered(client: Client) -> None:
    held = making.intent(client)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(held.id, {}, _key("k"))
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(held.id, {}, _key("k"))
    assert caught.value.headers["Idempotent-Replayed"] == "true"  # type: ignore[index]


def test_a_500_is_remembered_though_the_fault_is_gone(
    client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault("create", "error_after", status=500)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            client.v1.payment_intents.create(PARAMS, _key("k"))
        assert caught.value.http_status == 500
    assert len(sandbox.intents()) == 1


def test_a_failed_validation_is_not_remembered(client: Client) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({**PARAMS, "amount": 1}, _key("k"))
    assert client.v1.payment_intents.create(PARAMS, _key("k")).amount == 3200


@pytest.mark.parametrize("change", [{"amount": 3300}, {"metadata": {"a": "b"}}])
def test_other_parameters_under_the_key_are_an_error(
    client: Client, sandbox: SandboxProcess, change: Any
) -> None:
    client.v1.payment_intents.create(PARAMS, _key("k"))
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as caught:
        client.v1.payment_intents.create({**PARAMS, **change}, _key("k"))
    assert caught.value.http_status == 400
    assert len(sandbox.intents()) == 1


def test_another_endpoint_under_the_key_is_an_error(client: Client) -> None:
    made = client.v1.payment_intents.create(PARAMS, _key("k"))
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.payment_intents.cancel(made.id, {}, _key("k"))


def test_a_second_call_while_the_first_runs_is_refused(
    client: Client, sandbox: SandboxProcess
) -> None:
    sandbox.fault("create", "delay", seconds=1)
    answers: list[Any] = []
    first = threading.Thread(
        target=lambda: answers.append(
            sandbox.client().v1.payment_intents.create(PARAMS, _key("k"))
        )
    )
    first.start()
    time.sleep(0.4)
    with pytest.raises(stripe.APIError) as caught:
        client.v1.payment_intents.create(PARAMS, _key("k"))
    assert caught.value.http_status == 409
    assert caught.value.error is not None
    assert caught.value.error.code == "idempotency_key_in_use"
    first.join()
    assert client.v1.payment_intents.create(PARAMS, _key("k")).id == answers[0].id


def test_a_key_is_forgotten_after_a_day(
    client: Client, new_sandbox: NewSandbox
) -> None:
    own = new_sandbox()
    first = own.client().v1.payment_intents.create(PARAMS, _key("k"))
    own.advance(25 * 3600)
    second = own.client().v1.payment_intents.create(PARAMS, _key("k"))
    assert second.id != first.id


def test_a_stored_answer_survives_a_kill(new_sandbox: NewSandbox) -> None:
    own = new_sandbox()
    first = own.client().v1.payment_intents.create(PARAMS, _key("k"))
    own.kill()
    own.start()
    assert own.client().v1.payment_intents.create(PARAMS, _key("k")).id == first.id
    assert len(own.intents()) == 1


def test_a_kill_after_the_effect_leaves_effect_and_answer(
    new_sandbox: NewSandbox,
) -> None:
    own = new_sandbox()
    held = making.confirmed(own.client())
    own.fault("capture", "withhold", seconds=30)
    with pytest.raises(stripe.APIConnectionError):
        own.client(timeout=0.5).v1.payment_intents.capture(held.id, {}, _key("k"))
    own.kill()
    own.start()
    paid = own.client().v1.payment_intents.capture(held.id, {}, _key("k"))
    assert (paid.status, paid.amount_received) == ("succeeded", 3200)
    [seen] = own.intents()
    assert seen["captured"] == 3200


def test_a_kill_before_the_effect_frees_the_key(new_sandbox: NewSandbox) -> None:
    own = new_sandbox()
    held = making.confirmed(own.client())
    own.fault("capture", "delay", seconds=30)
    with pytest.raises(stripe.APIConnectionError):
        own.client(timeout=0.5).v1.payment_intents.capture(held.id, {}, _key("k"))
    own.kill()
    own.start()
    assert own.client().v1.payment_intents.retrieve(held.id).status == (
        "requires_capture"
    )
    paid = own.client().v1.payment_intents.capture(held.id, {}, _key("k"))
    assert paid.status == "succeeded"


def test_a_request_whose_sender_died_in_the_middle_was_none(
    client: Client, sandbox: SandboxProcess
) -> None:
    address = urlsplit(sandbox.url)
    body = urlencode(PARAMS).encode()
    head = (
        f"POST /v1/payment_intents HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Authorization: Bearer sk_test_sandbox\r\nIdempotency-Key: k\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    for sent in (b"", body[:12]):
        with socket.create_connection((address.hostname, address.port)) as line:
            line.sendall(head.encode() + sent)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100) == b""

    made = client.v1.payment_intents.create(PARAMS, _key("k"))

    assert made.amount == 3200
    assert "Idempotent-Replayed" not in made.last_response.headers
