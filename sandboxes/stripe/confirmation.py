"""Confirm an intent: try the card, or ask the customer first."""

from typing import Any

from sandboxes.stripe import (
    billing,
    cards,
    charges,
    declines,
    events,
    konbini,
    payment_methods,
    settlement,
    tokens,
)
from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import Card, Decline
from sandboxes.stripe.errors import (
    AuthenticationRequired,
    InvalidRequest,
    unexpected_state,
)
from sandboxes.stripe.store import Object, new_id

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def run(call: Call, intent: Object, params: dict[str, Any]) -> Object:
    """Confirm an intent with the payment method in the parameters.

    Ends in requires_capture, succeeded or requires_action, or raises CardDeclined with
    the intent back in requires_payment_method.
    """
    _check_status(intent)
    method = _method(call, intent, params)
    _check_type(intent, method)
    _check_return(call, intent, params)
    if "capture_method" in params:
        intent["capture_method"] = params["capture_method"]
    if "receipt_email" in params:
        intent["receipt_email"] = params["receipt_email"] or None
    if "shipping" in params:
        intent["shipping"] = billing.shipping(params["shipping"])
    if params.get("setup_future_usage"):
        intent["setup_future_usage"] = params["setup_future_usage"]
    intent["payment_method"] = method["id"]
    intent["last_payment_error"] = None
    if method["type"] == "konbini":
        return konbini.issue(call, intent, method, params)
    card = payment_methods.behaviour(call, method["id"])
    if _challenged(intent, card):
        return _ask(call, intent, method, params)
    return authorise(call, intent, method, card)


def _check_status(intent: Object) -> None:
    if intent["status"] in CONFIRMABLE:
        return
    if intent["status"] == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded "
            "after being previously confirmed."
        )
    else:
        message = (
            "You cannot confirm this PaymentIntent because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following "
            f"statuses may be confirmed: {', '.join(CONFIRMABLE)}."
        )
    raise unexpected_state(message=message, intent=intent)


def _method(call: Call, intent: Object, params: dict[str, Any]) -> Object:
    """Return the payment method to try: of a token, a new one, or the intent's."""
    if "confirmation_token" in params:
        return _redeemed(call, intent, params)
    if "payment_method_data" in params:
        return payment_methods.from_data(call, params["payment_method_data"])
    identifier = params.get("payment_method") or intent["payment_method"]
    if identifier is None:
        raise unexpected_state(
            message="You cannot confirm this PaymentIntent because it's missing a "
            "payment "
            "method. You can either update the PaymentIntent with a payment method and "
            "then confirm it again, or confirm it again directly with a payment method "
            "or ConfirmationToken.",
            intent=intent,
        )
    return payment_methods.named(call, identifier)


def _redeemed(call: Call, intent: Object, params: dict[str, Any]) -> Object:
    """Use a confirmation token up. Return its payment method."""
    for other in ("payment_method", "payment_method_data"):
        if other in params:
            raise InvalidRequest(
                message="You may only specify one of these parameters: "
                "confirmation_token, "
                f"{other}.",
                param=other,
            )
    token, method = tokens.redeem(call, params["confirmation_token"], intent)
    hidden = {"use_stripe_sdk": token["use_stripe_sdk"]}
    if token["return_url"]:
        hidden["return_url"] = token["return_url"]
    if token["shipping"]:
        intent["shipping"] = billing.shipping(token["shipping"])
    if token["setup_future_usage"]:
        intent["setup_future_usage"] = token["setup_future_usage"]
    _remember(call, intent, hidden)
    return method


def _remember(call: Call, intent: Object, more: Object) -> None:
    call.store.put(intent, {**call.store.private(intent["id"]), **more})


def _check_type(intent: Object, method: Object) -> None:
    if method["type"] in intent["payment_method_types"]:
        return
    allowed = ", ".join(intent["payment_method_types"])
    raise InvalidRequest(
        message=f"The PaymentMethod provided ({method['type']}) is not allowed for "
        "this "
        f"PaymentIntent. Please attach a PaymentMethod of one of the following types: "
        f"{allowed}.",
        param="payment_method",
    )


def _check_return(call: Call, intent: Object, params: dict[str, Any]) -> None:
    """Require a return address for methods that may redirect."""
    more = {
        name: params[name]
        for name in ("return_url", "use_stripe_sdk")
        if name in params
    }
    if more:
        _remember(call, intent, more)
    automatic = intent["automatic_payment_methods"]
    if automatic is None or automatic["allow_redirects"] == "never":
        return
    if not call.store.private(intent["id"]).get("return_url"):
        raise InvalidRequest(
            message="This PaymentIntent is configured to accept payment methods "
            "enabled in "
            "your Dashboard. Because some of these payment methods might redirect your "
            "customer off of your page, you must provide a `return_url`. If you don't "
            "want to accept redirect-based payment methods, set "
            "`automatic_payment_methods[enabled]` to `true` and "
            "`automatic_payment_methods[allow_redirects]` to `never` when creating "
            "Setup Intents and Payment Intents.",
            param="return_url",
        )


def _challenged(intent: Object, card: Card) -> bool:
    options = intent["payment_method_options"].get("card", {})
    wanted = options.get("request_three_d_secure")
    return card.challenge or (wanted in ("any", "challenge") and card.three_d_secure)


def _ask(call: Call, intent: Object, method: Object, params: dict[str, Any]) -> Object:
    """Ask for 3-D Secure, or fail if the customer is not there."""
    if params.get("off_session"):
        absent = Decline(
            "authentication_required",
            "authentication_required",
            "Your card was declined. This transaction requires authentication.",
        )
        return declines.refuse(call, intent, method, _card(call, method), absent)
    if params.get("error_on_requires_action"):
        unwanted = Decline(
            "authentication_required",
            "authentication_not_handled",
            "This payment required an authentication action to complete, but "
            "`error_on_requires_action` was set. When you're ready, you can upgrade "
            "your integration to handle actions at "
            "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions.",
        )
        declines.put_back(intent, declines.error_of(unwanted, method, None))
        call.store.put(intent)
        events.emit(call, "payment_intent.payment_failed", intent)
        raise AuthenticationRequired(
            message=unwanted.message,
            code=unwanted.code,
            decline_code=unwanted.decline_code,
            payment_intent=intent,
            payment_method=method,
        )
    hidden = call.store.private(intent["id"])
    page = (
        f"{call.settings.origin}/3ds/{intent['id']}"
        f"?client_secret={intent['client_secret']}"
    )
    intent["status"] = "requires_action"
    if hidden.get("use_stripe_sdk") or not hidden.get("return_url"):
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {
                "source": new_id("payatt"),
                "stripe_js": page,
                "type": "three_d_secure_redirect",
            },
        }
    else:
        intent["next_action"] = {
            "redirect_to_url": {"return_url": hidden["return_url"], "url": page},
            "type": "redirect_to_url",
        }
    call.store.put(intent)
    events.emit(call, "payment_intent.requires_action", intent)
    return intent


def _card(call: Call, method: Object) -> Card:
    return payment_methods.behaviour(call, method["id"])


def authorise(call: Call, intent: Object, method: Object, card: Card) -> Object:
    """Ask the bank. Return the charge; raises CardDeclined."""
    intent["next_action"] = None
    if card.decline is not None:
        return declines.refuse(call, intent, method, card, cards.DECLINES[card.decline])
    charge = charges.attempt(call, intent, method, card)
    intent["latest_charge"] = charge["id"]
    if charges.captured_by_hand(intent):
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        call.store.put(charge)
        call.store.put(intent)
        call.store.schedule(
            intent["id"], "expire", charge["created"] + charges.AUTHORISATION_SECONDS
        )
        events.emit(call, "charge.succeeded", charge)
        events.emit(call, "payment_intent.amount_capturable_updated", intent)
        return intent
    return settlement.collect(call, intent, charge, intent["amount"])


def settle_challenge(call: Call, intent: Object, *, passed: bool) -> Object:
    """Apply the customer's answer to the bank's challenge to the intent.

    A second answer changes nothing: the intent is no longer in requires_action.
    """
    action = intent["next_action"] or {}
    if intent["status"] != "requires_action" or "konbini" in str(action.get("type")):
        return intent
    method = call.find("payment_method", intent["payment_method"])
    if passed:
        return authorise(call, intent, method, _card(call, method))
    return declines.authentication_failed(call, intent, method)
