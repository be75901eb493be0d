"""End an authorised intent: capture, cancel, or expire."""

from sandboxes.stripe import balance, events, payment_methods
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest, StateConflict, unexpected_state
from sandboxes.stripe.store import Object

CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_reauthorization",
    "requires_confirmation",
    "requires_action",
    "processing",
)


def capture(call: Call) -> Object:
    """Capture the authorised money or a part of it; the rest is released."""
    intent, params = call.find("payment_intent", call.path["id"]), call.params
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            message="This PaymentIntent could not be captured because it has a "
            "status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following "
            "statuses may be captured: requires_capture.",
            intent=intent,
        )
    amount = int(
        params["amount_to_capture"]
        if "amount_to_capture" in params
        else intent["amount_capturable"]
    )
    if amount < 1:
        raise InvalidRequest(
            message="This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount_to_capture",
        )
    if amount > intent["amount_capturable"]:
        raise InvalidRequest(
            message="The requested capture amount is greater than the amount you can "
            "capture "
            "for this PaymentIntent.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    if params.get("final_capture") is False:
        raise InvalidRequest(
            message="Multicapture is not available for this payment.",
            param="final_capture",
        )
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        if params.get(name):
            intent[name] = params[name]
    if params.get("metadata"):
        intent["metadata"] = {**intent["metadata"], **params["metadata"]}
    charge = call.find("charge", intent["latest_charge"])
    return collect(call, intent, charge, amount)


def capture_charge(call: Call) -> Object:
    """Capture by charge, the older API. The intent follows."""
    charge = call.find("charge", call.path["id"], "charge")
    intent = call.find("payment_intent", charge["payment_intent"])
    if charge["captured"] or intent["status"] != "requires_capture":
        raise StateConflict(
            message=f"Charge {charge['id']} has already been captured or has been "
            "released.",
            code="charge_already_captured",
        )
    params = call.params
    amount = int(params["amount"] if "amount" in params else charge["amount"])
    if not 1 <= amount <= charge["amount"]:
        raise InvalidRequest(
            message="The capture amount must be between 1 and the amount authorised.",
            code="amount_too_large",
            param="amount",
        )
    collect(call, intent, charge, amount)
    return charge


def collect(call: Call, intent: Object, charge: Object, amount: int) -> Object:
    """Mark charge and intent as paid, and emit the events."""
    was_authorised = intent["status"] == "requires_capture"
    kind = "charge" if "card" in charge["payment_method_details"] else "payment"
    charge.update(
        captured=True,
        amount_captured=amount,
        amount_refunded=charge["amount"] - amount,
        balance_transaction=balance.record(call, kind, charge, amount)["id"],
    )
    charge["payment_method_details"].get("card", {}).pop("capture_before", None)
    intent.update(
        status="succeeded",
        amount_capturable=0,
        amount_received=amount,
        next_action=None,
    )
    call.store.put(charge)
    call.store.put(intent)
    call.store.unschedule(intent["id"], "expire")
    if (
        kind == "charge"
        and payment_methods.behaviour(call, charge["payment_method"]).dispute
    ):
        call.store.schedule(charge["id"], "dispute", call.clock.now())
    events.emit(
        call, "charge.captured" if was_authorised else "charge.succeeded", charge
    )
    events.emit(call, "payment_intent.succeeded", intent)
    return intent


def cancel(call: Call) -> Object:
    """Cancel an intent that took no money; an authorisation is released."""
    intent = call.find("payment_intent", call.path["id"])
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(
            message="You cannot cancel this PaymentIntent because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following "
            f"statuses may be canceled: {', '.join(CANCELABLE)}.",
            intent=intent,
        )
    is_of_session = "session" in call.store.private(intent["id"])
    if is_of_session and intent["status"] != "requires_capture":
        # https://docs.stripe.com/api/payment_intents/cancel
        raise InvalidRequest(
            message="You cannot cancel this PaymentIntent because it belongs to a "
            "Checkout Session. Expire the Checkout Session instead.",
        )
    return release(call, intent, call.params.get("cancellation_reason"))


def release(call: Call, intent: Object, reason: str | None) -> Object:
    """Cancel an intent and its authorisation (``reason`` automatic: it expired)."""
    authorised = intent["status"] == "requires_capture"
    intent.update(
        status="canceled",
        amount_capturable=0,
        canceled_at=call.clock.now(),
        cancellation_reason=reason,
        next_action=None,
    )
    call.store.put(intent)
    call.store.unschedule(intent["id"], "expire")
    if authorised:
        charge = call.find("charge", intent["latest_charge"])
        charge.update(refunded=True, amount_refunded=charge["amount"])
        charge["payment_method_details"].get("card", {}).pop("capture_before", None)
        call.store.put(charge)
        expired = reason == "automatic"
        events.emit(call, "charge.expired" if expired else "charge.refunded", charge)
    events.emit(call, "payment_intent.canceled", intent)
    return intent
