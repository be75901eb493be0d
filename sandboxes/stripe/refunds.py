"""Refunds: in full or in part, at once, pending, or failing later."""

from sandboxes.stripe import balance, billing, events, lists, payment_methods
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest, StateConflict, unexpected_state
from sandboxes.stripe.money import written
from sandboxes.stripe.store import Object, new_id

_OPEN = ("pending", "requires_action")
_CLAIM_SECONDS = 45 * 24 * 3600


def create(call: Call) -> Object:
    """Refund a captured charge. The fee is not returned."""
    charge = _charge(call)
    amount = _amount(call, charge)
    card = "card" in charge["payment_method_details"]
    plan = (
        payment_methods.behaviour(call, charge["payment_method"]).refund
        if card
        else "claim"
    )
    refund = _refund(call, charge, amount, plan)
    _count(call, charge, amount)
    kind = "refund" if card else "payment_refund"
    moved = balance.record(call, kind, refund, -amount)
    refund["balance_transaction"] = moved["id"]
    call.store.put(refund)
    if plan:
        due = call.clock.now() + call.settings.settle_seconds
        call.store.schedule(refund["id"], "refund", due)
    events.emit(call, "refund.created", refund)
    events.emit(call, "charge.refunded", charge)
    return refund


def _charge(call: Call) -> Object:
    """Return the charge to refund. It must have captured money."""
    params = call.params
    if ("payment_intent" in params) == ("charge" in params):
        raise InvalidRequest(
            message="One of the following params should be provided for this request: "
            "payment_intent or charge.",
            code="parameter_missing",
            param="payment_intent",
        )
    if "charge" in params:
        charge = call.find("charge", params["charge"], "charge")
    else:
        intent = call.find("payment_intent", params["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise unexpected_state(
                message=f"This PaymentIntent ({intent['id']}) does not have a "
                "successful "
                "charge "
                "to refund.",
                intent=intent,
            )
        charge = call.find("charge", intent["latest_charge"])
    if not charge["captured"]:
        raise InvalidRequest(
            message=f"Charge {charge['id']} has not been captured. Cancel its "
            "PaymentIntent "
            "instead.",
            code="charge_not_refundable",
            param="charge",
        )
    return charge


def _amount(call: Call, charge: Object) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if charge["refunded"] or left == 0:
        raise StateConflict(
            message=f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    if charge["disputed"] and not _refundable(call, charge):
        raise StateConflict(
            message=f"Charge {charge['id']} has been charged back; cannot issue a "
            "refund.",
            code="charge_disputed",
        )
    amount = int(call.params.get("amount", left))
    if amount < 1:
        raise InvalidRequest(
            message="This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount",
        )
    if amount > left:
        currency = charge["currency"]
        raise StateConflict(
            message=f"Refund amount ({written(amount, currency)}) is greater than "
            "unrefunded "
            f"amount on charge ({written(left, currency)})",
            param="amount",
        )
    return amount


def _refundable(call: Call, charge: Object) -> bool:
    disputes = call.store.select(
        "kind = 'dispute' AND charge = ?", (charge["id"],), "seq"
    )
    return all(dispute["is_charge_refundable"] for dispute in disputes)


def _refund(call: Call, charge: Object, amount: int, plan: str | None) -> Object:
    status = {"pending": "pending", "claim": "requires_action"}.get(plan or "")
    refund: Object = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.clock.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": _destination(status),
        "metadata": billing.merged_metadata({}, call.params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status or "succeeded",
        "transfer_reversal": None,
    }
    if plan == "claim":
        _ask_for_account(call, charge, refund)
    if plan == "pending":
        refund["pending_reason"] = "processing"
    return refund


def _destination(status: str | None) -> Object:
    if status == "requires_action":
        return {"jp_bank_transfer": {"reference_status": "pending"},
                "type": "jp_bank_transfer"}  # fmt: skip
    return {
        "card": {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "pending" if status else "refund",
        },
        "type": "card",
    }


def _ask_for_account(call: Call, charge: Object, refund: Object) -> None:
    """Ask the customer for a bank account: cash cannot be refunded to a store."""
    given = billing.mail_address(
        call.params.get("instructions_email"), "instructions_email"
    )
    email = given or charge["billing_details"]["email"]
    refund["instructions_email"] = email
    refund["next_action"] = {
        "display_details": {
            "email_sent": {
                "email_sent_at": call.clock.now(),
                "email_sent_to": email,
            },
            "expires_at": call.clock.now() + _CLAIM_SECONDS,
        },
        "type": "display_details",
    }


def _count(call: Call, charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.store.put(charge)


def settle(call: Call, refund: Object, *, succeeds: bool | None = None) -> Object:
    """Decide a pending refund: by its test card, or by ``succeeds``.

    A refund that failed or was cancelled is final.
    """
    if succeeds is None:
        method = refund["payment_method"]
        card = call.find("payment_method", method)["type"] == "card"
        fails = card and payment_methods.behaviour(call, method).refund == "fail"
        succeeds = not fails
    call.store.unschedule(refund["id"], "refund")
    if refund["status"] in ("failed", "canceled"):
        return refund
    if not succeeds:
        refund["failure_reason"] = "expired_or_canceled_card"
        return _undo(call, refund, "failed")
    if refund["status"] not in _OPEN:
        return refund
    before = refund["status"]
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    refund.pop("next_action", None)
    if "card" in refund["destination_details"]:
        refund["destination_details"]["card"]["type"] = "refund"
    call.store.put(refund)
    _tell_update(call, refund, {"status": before})
    return refund


def _undo(call: Call, refund: Object, status: str) -> Object:
    """Return the money of a failed refund to the account."""
    before = refund["status"]
    charge = call.find("charge", refund["charge"])
    card = "card" in charge["payment_method_details"]
    kind = "refund_failure" if card else "payment_failure_refund"
    returned = balance.record(call, kind, refund, refund["amount"])
    refund["failure_balance_transaction"] = returned["id"]
    refund["status"] = status
    refund.pop("next_action", None)
    refund.pop("pending_reason", None)
    _count(call, charge, -refund["amount"])
    call.store.put(refund)
    if status == "failed":
        events.emit(call, "refund.failed", refund)
    _tell_update(call, refund, {"status": before})
    return refund


def _tell_update(call: Call, refund: Object, previous: Object) -> None:
    events.emit(call, "refund.updated", refund, previous)
    events.emit(call, "charge.refund.updated", refund, previous)


def retrieve(call: Call) -> Object:
    return call.find("refund", call.path["id"], "refund")


def page(call: Call) -> Object:
    return lists.page(call, "refund", ("payment_intent", "charge"))


def page_of_charge(call: Call) -> Object:
    charge = call.find("charge", call.path["id"], "charge")["id"]
    return lists.page(
        call,
        "refund",
        where="charge = ?",
        values=(charge,),
        url=f"/v1/charges/{charge}/refunds",
    )


def update(call: Call) -> Object:
    """Update a refund's metadata; nothing else can change."""
    refund = retrieve(call)
    before = refund["metadata"]
    refund["metadata"] = billing.merged_metadata(before, call.params.get("metadata"))
    call.store.put(refund)
    _tell_update(call, refund, {"metadata": before})
    return refund


def cancel(call: Call) -> Object:
    """Cancel a refund that waits for the customer's bank account."""
    refund = retrieve(call)
    if refund["status"] != "requires_action":
        raise StateConflict(
            message=f"You cannot cancel this Refund because it has a status of "
            f"{refund['status']}. Only a Refund with one of the following statuses may "
            "be canceled: requires_action.",
        )
    return _undo(call, refund, "canceled")
