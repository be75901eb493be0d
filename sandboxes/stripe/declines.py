"""Declines: the failed charge, the error, and the intent's earlier state."""

from sandboxes.stripe import charges, events
from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import Card, Decline
from sandboxes.stripe.errors import CardDeclined
from sandboxes.stripe.store import Object

_FAILED_CHALLENGE = (
    "The provided PaymentMethod has failed authentication. You can provide "
    "payment_method_data or a new PaymentMethod to attempt to fulfill this "
    "PaymentIntent again."
)


def refuse(
    call: Call, intent: Object, method: Object, card: Card, decline: Decline
) -> Object:
    """Store the failed charge, set the intent back, and raise CardDeclined."""
    charge = charges.attempt(call, intent, method, card, decline)
    error = error_of(decline, method, charge["id"])
    intent["latest_charge"] = charge["id"]
    put_back(intent, error)
    call.store.put(charge)
    call.store.put(intent)
    events.emit(call, "charge.failed", charge)
    events.emit(call, "payment_intent.payment_failed", intent)
    shown = {name: error[name] for name in error if name not in ("message", "type")}
    raise CardDeclined(
        message=decline.message,
        **shown,
        payment_intent=intent,
        request_log_url=(
            f"https://dashboard.stripe.com/test/logs/{call.request_id}"
            if call.request_id
            else None
        ),
    )


def error_of(decline: Decline, method: Object, charge: str | None) -> Object:
    """Return ``last_payment_error``, which is also in the error answer."""
    error: Object = {"type": "card_error", "code": decline.code}
    if charge:
        error["charge"] = charge
    error["decline_code"] = decline.decline_code
    if decline.advice:
        error["advice_code"] = decline.advice
    if decline.network_code:
        error["network_decline_code"] = decline.network_code
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + decline.code.replace(
        "_", "-"
    )
    error["message"] = decline.message
    error["payment_method"] = method
    return error


def put_back(intent: Object, error: Object) -> None:
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error,
    )


def authentication_failed(call: Call, intent: Object, method: Object) -> Object:
    """Fail 3-D Secure: no charge, and the intent needs another payment method."""
    put_back(
        intent,
        {
            "type": "invalid_request_error",
            "code": "payment_intent_authentication_failure",
            "doc_url": "https://stripe.com/docs/error-codes/"
            "payment-intent-authentication-failure",
            "message": _FAILED_CHALLENGE,
            "payment_method": method,
        },
    )
    call.store.put(intent)
    events.emit(call, "payment_intent.payment_failed", intent)
    return intent
