"""Konbini: vouchers that customers pay in cash at a store, days later."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sandboxes.stripe import charges, events, settlement
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest
from sandboxes.stripe.store import Object

_DAYS = 3
_DELAY_SECONDS = 180
# What Stripe's test mode does without a customer, by a part of the mail address or by
# the confirmation number: what is due, and after how many seconds. All other vouchers
# wait for the tester here; at Stripe they are paid after three minutes.
# https://docs.stripe.com/payments/konbini/accept-a-payment?payment-ui=direct-api
_BY_ITSELF = {
    ("succeed_immediately", "22222222220"): ("voucher_paid", 0),
    ("expire_immediately", "33333333330"): ("voucher", 0),
    ("expire_with_delay", "44444444440"): ("voucher", _DELAY_SECONDS),
}
_CHAINS = ("familymart", "lawson", "ministop", "seicomart")
SMALLEST, LARGEST = 120, 300_000


def issue(call: Call, intent: Object, method: Object, params: dict[str, Any]) -> Object:
    """Issue the voucher: the intent waits in requires_action until it is paid."""
    if not method["billing_details"]["email"] or not method["billing_details"]["name"]:
        raise InvalidRequest(
            message="Konbini payments need the customer's name and email address.",
            code="parameter_missing",
            param="billing_details[email]",
        )
    if not SMALLEST <= intent["amount"] <= LARGEST:
        small = intent["amount"] < SMALLEST
        raise InvalidRequest(
            message=f"Konbini payments must be between ¥{SMALLEST} and ¥{LARGEST}.",
            code="amount_too_small" if small else "amount_too_large",
            param="amount",
        )
    options = dict(intent["payment_method_options"].get("konbini") or {})
    given = (params.get("payment_method_options") or {}).get("konbini") or {}
    options.update({name: value for name, value in given.items() if value != ""})
    expires = _deadline(call, options)
    phone = method["billing_details"]["phone"] or ""
    number = options.get("confirmation_number") or "".join(filter(str.isdigit, phone))
    # Never zeroes only: stores refuse those.
    number = (
        number.rjust(11, "0") if number else str(10**10 + secrets.randbelow(10**10))
    )
    stores = {
        chain: {
            "confirmation_number": number[-11:],
            "payment_code": f"{index}11111111111",
        }
        for index, chain in enumerate(_CHAINS, start=1)
    }
    voucher = f"{call.settings.origin}/konbini/{intent['id']}?key={page_key(intent)}"
    intent.update(
        status="requires_action",
        next_action={
            "konbini_display_details": {
                "expires_at": expires,
                "hosted_voucher_url": voucher,
                "stores": stores,
            },
            "type": "konbini_display_details",
        },
    )
    call.store.put(intent)
    call.store.schedule(intent["id"], "voucher", expires)
    email = method["billing_details"]["email"].partition("@")[0]
    for (prefix, confirmation), (what, seconds) in _BY_ITSELF.items():
        if email.endswith(prefix) or number[-11:] == confirmation:
            call.store.schedule(intent["id"], what, call.clock.now() + seconds)
    events.emit(call, "payment_intent.requires_action", intent)
    return intent


def page_key(intent: Object) -> str:
    """Return the secret of the voucher's page. It is mailed, so not the intent's."""
    return hashlib.sha256(intent["client_secret"].encode()).hexdigest()[:24]


def _deadline(call: Call, options: Object) -> int:
    """Return the end of the last day, Japan time, or the moment that was asked for."""
    if options.get("expires_at"):
        return int(options["expires_at"])
    days = int(options.get("expires_after_days") or _DAYS)
    japan = call.clock.date() + timedelta(hours=9)
    midnight = japan.replace(hour=23, minute=59, second=59, microsecond=0)
    return int((midnight + timedelta(days=days) - timedelta(hours=9)).timestamp())


def waiting(intent: Object) -> bool:
    action = intent["next_action"] or {}
    return (
        intent["status"] == "requires_action"
        and action.get("type") == "konbini_display_details"
    )


def pay(call: Call, intent: Object) -> Object:
    """Pay the voucher. Twice is once."""
    if not waiting(intent):
        return intent
    method = call.find("payment_method", intent["payment_method"])
    call.store.unschedule(intent["id"], "voucher")
    charge = charges.attempt(call, intent, method, None)
    intent["latest_charge"] = charge["id"]
    return settlement.collect(call, intent, charge, intent["amount"])


def lapse(call: Call, intent: Object) -> Object:
    """Let the voucher expire: the intent returns to requires_payment_method."""
    if not waiting(intent):
        return intent
    method = call.find("payment_method", intent["payment_method"])
    call.store.unschedule(intent["id"], "voucher")
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error={
            "type": "invalid_request_error",
            "code": "payment_intent_payment_attempt_expired",
            "doc_url": "https://stripe.com/docs/error-codes/"
            "payment-intent-payment-attempt-expired",
            "message": "The payment attempt for this PaymentIntent has expired. You "
            "can provide payment_method_data or a new PaymentMethod to attempt to "
            "fulfill this PaymentIntent again.",
            "payment_method": method,
        },
    )
    call.store.put(intent)
    events.emit(call, "payment_intent.payment_failed", intent)
    return intent
