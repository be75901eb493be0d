"""Disputes: opened by test cards or tests, answered with evidence, won or lost."""

from sandboxes.stripe import balance, billing, events, lists, payment_methods
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest, StateConflict
from sandboxes.stripe.store import Object, new_id

RESPONSE_SECONDS = 9 * 24 * 3600
_FEE = {"jpy": 1300}
_USUAL_FEE = 1500
_ANSWERABLE = ("needs_response", "warning_needs_response")
_OPEN = (*_ANSWERABLE, "under_review", "warning_under_review")
_REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
# Stripe's test mode decides by the text of the evidence.
_VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}
_EVIDENCE = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]


def open_on(call: Call, charge: Object, reason: str | None = None) -> Object:
    """Open a dispute on a charge. The money is withdrawn, except for an inquiry.

    Without ``reason`` the charge's test card says it. A charge already disputed keeps
    its dispute.
    """
    known = call.store.select("kind = 'dispute' AND charge = ?", (charge["id"],))
    if known:
        return known[0]
    if reason is None:
        card = payment_methods.behaviour(call, charge["payment_method"])
        reason = card.dispute or "fraudulent"
    if not charge["captured"]:
        raise InvalidRequest(
            message="Only a captured charge can be disputed.", param="charge"
        )
    inquiry = reason == "inquiry"
    dispute = _dispute(call, charge, "general" if inquiry else reason, inquiry=inquiry)
    charge["disputed"] = True
    call.store.put(charge)
    if not inquiry:
        fee = _FEE.get(charge["currency"], _USUAL_FEE)
        _move(call, dispute, -dispute["amount"], fee)
    call.store.put(dispute)
    call.store.schedule(
        dispute["id"], "dispute_due", dispute["evidence_details"]["due_by"]
    )
    events.emit(call, "charge.dispute.created", dispute)
    if not inquiry:
        events.emit(call, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _dispute(call: Call, charge: Object, reason: str, *, inquiry: bool) -> Object:
    now = call.clock.now()
    brand = charge["payment_method_details"].get("card", {}).get("brand", "visa")
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + RESPONSE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": brand,
                "network_reason_code": _REASON_CODES.get(reason, "10.4"),
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def _move(call: Call, dispute: Object, amount: int, fee: int) -> None:
    moved = balance.record(call, "adjustment", dispute, amount, fee=fee)
    dispute["balance_transactions"].append(moved)


def update(call: Call) -> Object:
    """Submit evidence. ``submit=false`` only stores it."""
    dispute, params = retrieve(call), call.params
    evidence = params.get("evidence") or {}
    if dispute["status"] not in _ANSWERABLE and evidence:
        raise StateConflict(
            message=f"This dispute is {dispute['status']}: evidence can no longer be "
            "submitted."
        )
    dispute["metadata"] = billing.merged_metadata(
        dispute["metadata"], params.get("metadata")
    )
    details = dispute["evidence_details"]
    if evidence:
        dispute["evidence"].update(
            {name: value if value != "" else None for name, value in evidence.items()}
        )
        details["has_evidence"] = True
    if evidence and params.get("submit", True):
        details["submission_count"] += 1
        dispute["status"] = (
            "warning_under_review"
            if dispute["status"].startswith("warning")
            else "under_review"
        )
        call.store.unschedule(dispute["id"], "dispute_due")
        if _verdict(dispute):
            call.store.schedule(dispute["id"], "dispute_verdict", call.clock.now())
    call.store.put(dispute)
    events.emit(call, "charge.dispute.updated", dispute)
    return dispute


def _verdict(dispute: Object) -> str | None:
    return _VERDICTS.get(str(dispute["evidence"].get("uncategorized_text")))


def decide(call: Call, dispute: Object, verdict: str | None = None) -> Object:
    """Decide as the bank. A won dispute returns the money; a closed one is final.

    Without ``verdict`` the evidence decides, and silence loses.
    """
    if dispute["status"] not in _OPEN:
        return dispute
    won = (verdict or _verdict(dispute) or "lost") == "won"
    for what in ("dispute_due", "dispute_verdict"):
        call.store.unschedule(dispute["id"], what)
    warning = dispute["status"].startswith("warning")
    if dispute["status"] in _ANSWERABLE:
        due = dispute["evidence_details"]["due_by"]
        dispute["evidence_details"]["past_due"] = due <= call.clock.now()
    dispute["status"] = "warning_closed" if warning else "won" if won else "lost"
    if won and not warning:
        _move(
            call, dispute, dispute["amount"], -dispute["balance_transactions"][0]["fee"]
        )
    call.store.put(dispute)
    events.emit(call, "charge.dispute.closed", dispute)
    if won and not warning:
        events.emit(call, "charge.dispute.funds_reinstated", dispute)
    return dispute


def close(call: Call) -> Object:
    """Accept the dispute: it is lost at once."""
    dispute = retrieve(call)
    if dispute["status"] not in _ANSWERABLE:
        raise StateConflict(message="This dispute is already closed.")
    return decide(call, dispute, "lost")


def retrieve(call: Call) -> Object:
    return call.find("dispute", call.path["id"], "dispute")


def page(call: Call) -> Object:
    return lists.page(call, "dispute", ("payment_intent", "charge"))
