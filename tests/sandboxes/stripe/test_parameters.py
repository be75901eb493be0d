"""Parameters that Stripe does not know or accept are refused by name."""

from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient


def _create(client: Client, **params: Any) -> Any:
    return client.v1.payment_intents.create(
        {"amount": 3200, "currency": "jpy", **params}
    )


@pytest.mark.parametrize(
    ("params", "code", "param", "message"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour", "unknown parameter: colour"),
        (
            {"shipping": {"name": "H", "address": {"town": "x"}}},
            "parameter_unknown",
            "shipping[address][town]",
            "unknown parameter",
        ),
        (
            {"payment_method_options": {"card": {"surprise": 1}}},
            "parameter_unknown",
            "payment_method_options[card][surprise]",
            "unknown parameter",
        ),
        (
            {"a1": 1, "a2": 2},
            "parameter_unknown",
            "a1",
            "unknown parameters: a1, a2",
        ),
        (
            {"amount": "12.5"},
            "parameter_invalid_integer",
            "amount",
            "Invalid integer: 12.5",
        ),
        ({"amount": 0}, "parameter_invalid_integer", "amount", "greater than or equal"),
        ({"amount": -5}, "parameter_invalid_integer", "amount", "greater than or"),
        ({"amount": 49}, "amount_too_small", "amount", "at least ¥50 jpy"),
        ({"amount": 100_000_000}, "amount_too_large", "amount", "no more than"),
        ({"currency": "yen"}, None, "currency", "Invalid currency: yen"),
        ({"currency": ""}, "parameter_invalid_empty", "currency", "empty string"),
        ({"capture_method": "later"}, None, "capture_method", "must be one of"),
        ({"confirm": "maybe"}, None, "confirm", "Invalid boolean"),
        ({"metadata": "x"}, None, "metadata", "Invalid"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata", "40 characters"),
        ({"payment_method_types": "card"}, None, "payment_method_types", "Invalid"),
        (
            {"payment_method_types": ["wero"]},
            None,
            "payment_method_types",
            "invalid",
        ),
        (
            {"return_url": "http://127.0.0.1/"},
            "parameter_missing",
            "confirm",
            "unless `confirm`",
        ),
    ],
)
def test_a_wrong_parameter_is_named(
    client: Client,
    sandbox: SandboxProcess,
    params: Any,
    code: str | None,
    param: str,
    message: str,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _create(client, **params)
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (
        400,
        code,
        param,
    )
    assert message in str(caught.value)
    assert sandbox.intents() == []


def test_a_missing_parameter_is_named(client: Client) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create({"currency": "jpy"})
    assert (caught.value.code, caught.value.param) == ("parameter_missing", "amount")


@pytest.mark.parametrize(
    ("currency", "smallest"),
    [("jpy", 50), ("usd", 50), ("gbp", 30), ("isk", 1), ("krw", 1), ("mxn", 1000)],
)
def test_each_currency_has_its_smallest_charge(
    client: Client, currency: str, smallest: int
) -> None:
    made = _create(client, amount=smallest, currency=currency.upper())
    assert (made.amount, made.currency) == (smallest, currency)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _create(client, amount=smallest - 1, currency=currency)
    assert caught.value.param == "amount"


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("confirm", {"amount": 1}),
        ("capture", {"amount": 1}),
        ("cancel", {"reason": "abandoned"}),
        ("update", {"confirm": True}),
    ],
)
def test_each_operation_has_its_own_parameters(
    client: Client, verb: str, params: Any
) -> None:
    made = making.confirmed(client)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        getattr(client.v1.payment_intents, verb)(made.id, params)
    assert caught.value.code == "parameter_unknown"
    assert client.v1.payment_intents.retrieve(made.id).status == "requires_capture"


def test_an_unknown_address_is_refused(client: Client) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.products.list()
