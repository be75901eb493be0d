"""Confirmation tokens: data collected by the browser, for one use by the server."""

from typing import Any

from sandboxes.stripe import billing, payment_methods
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest
from sandboxes.stripe.store import Object, new_id

LIFETIME_SECONDS = 12 * 3600


def create(call: Call) -> Object:
    """Create a token, for the browser library or the test helper."""
    params = call.params
    if "payment_method" in params:
        source = payment_methods.named(call, params["payment_method"])
        method, hidden = source, call.store.private(source["id"])
        hidden = {**hidden, "method": source["id"]}
    elif "payment_method_data" in params:
        method, hidden = payment_methods.build(call, params["payment_method_data"])
        hidden = {**hidden, "built": method}
    else:
        raise InvalidRequest(
            message="Missing required param: payment_method_data.",
            code="parameter_missing",
            param="payment_method_data",
        )
    return call.store.put(_token(call, method), hidden)


def _token(call: Call, method: Object) -> Object:
    now, params = call.clock.now(), call.params
    return {
        "id": new_id("ctoken"),
        "object": "confirmation_token",
        "created": now,
        "expires_at": now + LIFETIME_SECONDS,
        "livemode": False,
        "mandate_data": None,
        "metadata": None,
        "payment_intent": None,
        "payment_method_options": _options(params),
        "payment_method_preview": _preview(method),
        "return_url": params.get("return_url"),
        "setup_future_usage": params.get("setup_future_usage") or None,
        "setup_intent": None,
        "shipping": _shipping(params.get("shipping")),
        "use_stripe_sdk": True,
    }


def _options(params: dict[str, Any]) -> Object | None:
    return {"card": {"cvc_token": None}} if "payment_method_options" in params else None


def _shipping(given: Any) -> Object | None:
    whole = billing.shipping(given)
    if whole is None:
        return None
    return {name: whole[name] for name in ("address", "name", "phone")}


def _preview(method: Object) -> Object:
    names = (
        "allow_redisplay", "billing_details", "customer", "customer_account", "type",
        "card", "konbini",
    )  # fmt: skip
    return {name: method[name] for name in names if name in method}


def retrieve(call: Call) -> Object:
    return call.find("confirmation_token", call.path["id"], "confirmation_token")


def redeem(call: Call, identifier: str, intent: Object) -> tuple[Object, Object]:
    """Use a token up for an intent. Return it and its payment method."""
    token = call.find("confirmation_token", identifier, "confirmation_token")
    if token["payment_intent"] is not None or token["setup_intent"] is not None:
        raise InvalidRequest(
            message=f"The confirmation token '{identifier}' was already used to "
            "confirm a "
            "PaymentIntent. Create a new one.",
            code="token_already_used",
            param="confirmation_token",
        )
    if token["expires_at"] is not None and token["expires_at"] <= call.clock.now():
        raise InvalidRequest(
            message=f"The confirmation token '{identifier}' has expired. Create a "
            "new one.",
            code="token_expired",
            param="confirmation_token",
        )
    hidden = call.store.private(identifier)
    if "method" in hidden:
        method = payment_methods.named(call, str(hidden["method"]))
    else:
        method = dict(hidden["built"])
        call.store.put(method, {k: v for k, v in hidden.items() if k != "built"})
    token["payment_intent"] = intent["id"]
    call.store.put(token)
    return token, method
