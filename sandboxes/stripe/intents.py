"""Payment intents: create, update, retrieve.

What moves them on is in ``confirmation`` and ``settlement``.
"""

import secrets
from typing import Any

from sandboxes.stripe import (
    billing,
    confirmation,
    customers,
    events,
    lists,
    payment_methods,
)
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest, NotFound, unexpected_state
from sandboxes.stripe.money import checked_amount, checked_currency
from sandboxes.stripe.store import Object, new_id

CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_PUBLIC = [
    "id",
    "object",
    "amount",
    "amount_details",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_types",
    "processing",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "source",
    "status",
]
_PLAIN = (
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "on_behalf_of",
    "application_fee_amount",
)
_CONFIRM_ONLY = ("return_url", "confirmation_token", "off_session", "mandate_data")


def create(call: Call) -> Object:
    """Create an intent; with ``confirm`` also confirm it."""
    params = call.params
    for name in _CONFIRM_ONLY:
        if name in params and not params.get("confirm"):
            raise InvalidRequest(
                message=f"The parameter `{name}` cannot be passed when creating a "
                "PaymentIntent "
                "unless `confirm` is set to true.",
                code="parameter_missing",
                param="confirm",
            )
    intent = _blank(call)
    _apply(call, intent, params)
    if "payment_method" in params or "payment_method_data" in params:
        _attach(call, intent, params)
    call.store.put(intent, {"use_stripe_sdk": bool(params.get("use_stripe_sdk"))})
    events.emit(call, "payment_intent.created", intent)
    if params.get("confirm"):
        return confirmation.run(call, intent, params)
    return intent


def _blank(call: Call) -> Object:
    params = call.params
    currency = checked_currency(params["currency"])
    amount = checked_amount(params["amount"], currency)
    identifier = new_id("pi")
    types, automatic = _methods(params, currency)
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{identifier}_secret_{secrets.token_hex(12)}",
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": call.clock.now(),
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": params.get("excluded_payment_method_types"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": (
            {"id": "pmc_sandbox", "parent": None} if automatic else None
        ),
        "payment_method_options": _options(params, types),
        "payment_method_types": types,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def _methods(params: dict[str, Any], currency: str) -> tuple[list[str], Object | None]:
    """Return an intent's types and its ``automatic_payment_methods``."""
    manual = params.get("capture_method") == "manual"
    if "payment_method_types" in params:
        types = list(params["payment_method_types"])
        for name in types:
            if name not in payment_methods.SUPPORTED:
                raise InvalidRequest(
                    message=f'The payment method type "{name}" is invalid.',
                    param="payment_method_types",
                )
        _check_konbini(types, currency, manual=manual)
        return types, None
    automatic = params.get("automatic_payment_methods") or {"enabled": True}
    if not automatic["enabled"]:
        return ["card"], None
    shown = {"allow_redirects": automatic.get("allow_redirects", "always")}
    types = ["card"] if manual or currency != "jpy" else ["card", "konbini"]
    excluded = params.get("excluded_payment_method_types") or []
    allowed = params.get("allowed_payment_method_types") or types
    fitting = [t for t in types if t in allowed and t not in excluded]
    return fitting, {**shown, "enabled": True}


def _check_konbini(types: list[str], currency: str, *, manual: bool) -> None:
    if "konbini" in types and currency != "jpy":
        raise InvalidRequest(
            message="The currency provided is invalid. Payments with konbini support "
            "the "
            "following currencies: jpy.",
            param="currency",
        )
    if types == ["konbini"] and manual:
        raise InvalidRequest(
            message="The payment method type konbini does not support manual capture.",
            param="capture_method",
        )


def _options(params: dict[str, Any], types: list[str]) -> Object:
    given = params.get("payment_method_options") or {}
    card = given.get("card") or {}
    options: Object = {}
    if "card" in types:
        options["card"] = {
            "installments": None,
            "mandate_options": None,
            "network": None,
            "request_three_d_secure": card.get("request_three_d_secure", "automatic"),
        }
        if card.get("capture_method"):
            options["card"]["capture_method"] = card["capture_method"]
    if "konbini" in types:
        wanted = given.get("konbini") or {}
        options["konbini"] = {
            "confirmation_number": wanted.get("confirmation_number") or None,
            "expires_after_days": wanted.get("expires_after_days") or None,
            "expires_at": wanted.get("expires_at") or None,
            "product_description": wanted.get("product_description") or None,
        }
    return options


def _apply(call: Call, intent: Object, params: dict[str, Any]) -> None:
    """Set the fields that creating and updating have in common."""
    for name in _PLAIN:
        if name in params:
            intent[name] = params[name] if params[name] != "" else None
    intent["metadata"] = billing.merged_metadata(
        intent["metadata"], params.get("metadata")
    )
    if params.get("customer"):
        intent["customer"] = customers.living(call, params["customer"])["id"]
    if "shipping" in params:
        intent["shipping"] = billing.shipping(params["shipping"])


def _attach(call: Call, intent: Object, params: dict[str, Any]) -> None:
    if "payment_method_data" in params:
        method = payment_methods.from_data(call, params["payment_method_data"])
    else:
        method = payment_methods.named(call, params["payment_method"])
    intent["payment_method"] = method["id"]
    if intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


def update(call: Call) -> Object:
    """Update an intent; after its confirmation only description and metadata."""
    intent, params = call.find("payment_intent", call.path["id"]), call.params
    fixed = {"amount", "currency", "payment_method", "payment_method_data",
             "capture_method", "customer", "payment_method_types"}  # fmt: skip
    if intent["status"] not in CHANGEABLE and fixed & set(params):
        raise unexpected_state(
            message="This PaymentIntent's "
            f"{min(fixed & set(params))} could not be updated because it has a "
            f"status of {intent['status']}. You may only update it while its status is "
            "one of: " + ", ".join(CHANGEABLE) + ".",
            intent=intent,
        )
    if "currency" in params:
        intent["currency"] = checked_currency(params["currency"])
    if "amount" in params:
        intent["amount"] = checked_amount(params["amount"], intent["currency"])
    if "capture_method" in params:
        intent["capture_method"] = params["capture_method"]
    if "payment_method_types" in params:
        types, _ = _methods(
            {**params, "capture_method": intent["capture_method"]}, intent["currency"]
        )
        intent["payment_method_types"] = types
    _apply(call, intent, params)
    if params.get("payment_method") or "payment_method_data" in params:
        _attach(call, intent, params)
    return call.store.put(intent)


def confirm(call: Call) -> Object:
    intent = call.find("payment_intent", call.path["id"])
    _check_secret(call, intent)
    return confirmation.run(call, intent, call.params)


def retrieve(call: Call) -> Object:
    """Return the intent; for a publishable key only its public fields."""
    intent = call.find("payment_intent", call.path["id"])
    _check_secret(call, intent)
    if call.publishable:
        return {name: intent[name] for name in _PUBLIC}
    return intent


def _check_secret(call: Call, intent: Object) -> None:
    given = call.params.get("client_secret")
    if given is None and not call.publishable:
        return
    if not secrets.compare_digest(str(given), intent["client_secret"]):
        raise NotFound(
            message=f"No such payment_intent: '{intent['id']}'",
            code="resource_missing",
            param="intent",
        )


def page(call: Call) -> Object:
    return lists.page(call, "payment_intent", ("customer",))
