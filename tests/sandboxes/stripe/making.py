"""Factories of intents, tokens and charges."""

from typing import Any

import stripe

BACK = "http://127.0.0.1:9/back"


def intent(client: stripe.StripeClient, **params: Any) -> Any:
    """Create an intent of 3,200 yen with manual capture."""
    return client.v1.payment_intents.create(
        {"amount": 3200, "currency": "jpy", "capture_method": "manual", **params}
    )


def token(client: stripe.StripeClient, card: str = "pm_card_visa") -> str:
    made = client.v1.test_helpers.confirmation_tokens.create(
        {"payment_method": card, "return_url": BACK}
    )
    return made.id


def confirmed(
    client: stripe.StripeClient, card: str = "pm_card_visa", **params: Any
) -> Any:
    """Create an intent and confirm it with a token, as the shop does."""
    made = intent(client, **params)
    return client.v1.payment_intents.confirm(
        made.id, {"confirmation_token": token(client, card)}
    )


def captured(
    client: stripe.StripeClient, card: str = "pm_card_visa", **params: Any
) -> Any:
    return client.v1.payment_intents.capture(confirmed(client, card, **params).id)


def session(client: stripe.StripeClient, **params: Any) -> Any:
    """Create a Checkout Session of 3,200 yen with manual capture."""
    price = {
        "currency": "jpy",
        "unit_amount": 3200,
        "product_data": {"name": "Order 1"},
    }
    return client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_intent_data": {
                "capture_method": "manual",
                "metadata": {"order": "A1"},
            },
            "success_url": BACK,
            "cancel_url": f"{BACK}?cancelled",
            **params,
        }
    )


def konbini(
    client: stripe.StripeClient, email: str = "hanako@example.com", **params: Any
) -> Any:
    """Create an intent that waits for cash at a store."""
    made = intent(client, capture_method="automatic", **params)
    data = {
        "type": "konbini",
        "billing_details": {"name": "Hanako Sato", "email": email},
    }
    return client.v1.payment_intents.confirm(
        made.id, {"payment_method_data": data, "return_url": BACK}
    )
