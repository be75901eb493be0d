"""Charges: one for each attempt at an intent, also for failed ones."""

from typing import Any

from sandboxes.stripe import billing, lists
from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import Card, Decline
from sandboxes.stripe.store import Object, new_id

AUTHORISATION_SECONDS = 7 * 24 * 3600


def attempt(
    call: Call,
    intent: Object,
    method: Object,
    card: Card | None,
    decline: Decline | None = None,
) -> Object:
    """Return a new charge on an intent. The caller stores it and emits its event.

    ``decline`` makes it a failed one; otherwise it is authorised, and captured at once
    unless the intent says manual.
    """
    now = call.clock.now()
    charge: Object = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": False,
        "created": now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(card, decline),
        "paid": decline is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(call, intent, method, card),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if decline else "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
    if decline is None:
        charge["receipt_url"] = f"{call.settings.origin}/receipts/{charge['id']}"
    return charge


def _outcome(card: Card | None, decline: Decline | None) -> Object:
    risk = card.risk if card else "not_assessed"
    score = {"normal": 12, "elevated": 68, "highest": 92}.get(risk)
    outcome: Object = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": risk,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    if score is not None:
        outcome["risk_score"] = score
    if decline is None:
        return outcome
    if decline.blocked:
        return {
            **outcome,
            "network_status": "not_sent_to_network",
            "reason": "highest_risk_level",
            "seller_message": "Stripe blocked this payment as too risky.",
            "type": "blocked",
        }
    return {
        **outcome,
        "advice_code": decline.advice,
        "network_decline_code": decline.network_code,
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "seller_message": "The bank returned the decline code "
        f"`{decline.decline_code}`.",
        "type": "issuer_declined",
    }


def _details(call: Call, intent: Object, method: Object, card: Card | None) -> Object:
    if card is None:
        return {"konbini": {"store": {"chain": "lawson"}}, "type": "konbini"}
    return {"card": _card(call, intent, method, card), "type": "card"}


def _card(call: Call, intent: Object, method: Object, card: Card) -> Object:
    shown = method["card"]
    amount = intent["amount"]
    details: Object = {
        "amount_authorized": amount,
        "authorization_code": "123456",
        "brand": shown["brand"],
        "checks": shown["checks"],
        "country": shown["country"],
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": shown["fingerprint"],
        "funding": shown["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": shown["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": shown["brand"],
        "network_token": {"used": False},
        "network_transaction_id": "000000000000001",
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": shown["regulated_status"],
        "three_d_secure": _three_d_secure() if card.challenge else None,
        "transaction_link_id": None,
        "wallet": shown["wallet"],
    }
    if captured_by_hand(intent):
        details["capture_before"] = call.clock.now() + AUTHORISATION_SECONDS
    return details


def captured_by_hand(intent: Object) -> bool:
    """Return whether a card of this intent waits for capture; its own option wins."""
    options = intent["payment_method_options"].get("card") or {}
    return "manual" in (options.get("capture_method"), intent["capture_method"])


def _three_d_secure() -> Object:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": "00000000-0000-4000-8000-000000000001",
        "version": "2.2.0",
    }


def retrieve(call: Call) -> Object:
    return call.find("charge", call.path["id"], "charge")


def page(call: Call) -> Object:
    return lists.page(call, "charge", ("payment_intent", "customer"))


def update(call: Call) -> Object:
    charge, params = retrieve(call), call.params
    charge["metadata"] = billing.merged_metadata(
        charge["metadata"], params.get("metadata")
    )
    changed: dict[str, Any] = {
        name: params[name] or None
        for name in ("description", "receipt_email", "transfer_group", "customer")
        if name in params
    }
    charge.update(changed)
    if "fraud_details" in params:
        charge["fraud_details"] = params["fraud_details"] or {}
    if "shipping" in params:
        charge["shipping"] = billing.shipping(params["shipping"])
    return call.store.put(charge)
