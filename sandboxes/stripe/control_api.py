"""The control API for tests: faults, clock, state, customers and banks."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from sandboxes.stripe import (
    confirmation,
    disputes,
    faults,
    idempotency,
    konbini,
    refunds,
    sessions,
    timers,
)
from sandboxes.stripe.api import Answer
from sandboxes.stripe.errors import ApiError, InvalidRequest
from sandboxes.stripe.sandbox import Sandbox
from sandboxes.stripe.store import Object

Fields = dict[str, Any]
_RECENT = 1000


def answer(sandbox: Sandbox, method: str, path: str, query: str, body: str) -> Answer:
    """Run one control request. Errors become answers, as in the API."""
    name = path.removeprefix("/_sandbox/").strip("/")
    handler = _HANDLERS.get((method, name))
    if handler is None:
        known = ", ".join(f"{m} /_sandbox/{n}" for m, n in _HANDLERS)
        return Answer(
            404, {"error": {"message": f"No such address. There are: {known}"}}
        )
    try:
        given = json.loads(body) if body.strip() else dict(parse_qsl(query))
        return Answer(200, handler(sandbox, given))
    except ApiError as error:
        return Answer(error.status, {"error": error.body()})
    except (ValueError, TypeError, KeyError) as error:
        message = f"Not understood: {type(error).__name__}: {error}"
        return Answer(400, {"error": {"message": message}})


def _add_faults(sandbox: Sandbox, given: Any) -> Fields:
    """Add one rule, or a list of rules."""
    rules = given if isinstance(given, list) else [given]
    with sandbox.store.transaction():
        return {"faults": [faults.add(sandbox.store, rule) for rule in rules]}


def _faults(sandbox: Sandbox, given: Any) -> Fields:
    del given
    return {"faults": faults.listed(sandbox.store)}


def _clear_faults(sandbox: Sandbox, given: Any) -> Fields:
    del given
    return {"removed": faults.clear(sandbox.store)}


def _clock(sandbox: Sandbox, given: Any) -> Fields:
    """``{"advance": seconds}``: move the clock and do what is due by then."""
    if "advance" in given:
        sandbox.clock.advance(float(given["advance"]))
    done = timers.run_due(sandbox)
    clock = sandbox.clock
    idempotency.prune(sandbox.store, clock.now())
    sandbox.ring()
    return {"now": clock.now(), "offset": clock.offset, "fell_due": done}


def _reset(sandbox: Sandbox, given: Any) -> Fields:
    """Delete every object, key, delivery and fault, and reset the clock."""
    del given
    with sandbox.store.transaction():
        sandbox.store.wipe()
        sandbox.clock.reset()
    return {"reset": True}


def _intents(sandbox: Sandbox, given: Any) -> Fields:
    """Return the intents with charges and refunds, and sums for tests."""
    limit = int(given.get("limit", _RECENT))
    store = sandbox.store
    found = store.select("kind = 'payment_intent'", (), f"seq DESC LIMIT {limit}")
    data = []
    for intent in found:
        charges = store.select("kind = 'charge' AND intent = ?", (intent["id"],))
        refunds = store.select("kind = 'refund' AND intent = ?", (intent["id"],))
        data.append({**intent, **_sums(charges, refunds)})
    return {
        "intents": data,
        "totals": {
            name: sum(item[name] for item in data)
            for name in ("captured", "refunded", "captured_charges")
        },
    }


def _sums(charges: list[Object], refunds: list[Object]) -> Fields:
    kept = [item for item in refunds if item["status"] not in ("failed", "canceled")]
    return {
        "charges": charges,
        "refunds": refunds,
        "captured": sum(item["amount_captured"] for item in charges),
        "captured_charges": sum(1 for item in charges if item["captured"]),
        "refunded": sum(item["amount"] for item in kept),
    }


def _deliveries(sandbox: Sandbox, given: Any) -> Fields:
    limit = int(given.get("limit", _RECENT))
    rows = sandbox.store.rows(
        "SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (limit,)
    )
    return {"deliveries": [dict(row) for row in rows]}


def _resend(sandbox: Sandbox, given: Any) -> Fields:
    """``{"event": "evt_..."}``: send it again; without it, all undelivered ones."""
    now = sandbox.clock.precise()
    count = sandbox.store.run(
        "UPDATE deliveries SET state = 'pending', due_at = ?, give_up_at = ?"
        " WHERE event = ? OR (? = '' AND state != 'delivered')",
        (now, now + 3600, given.get("event", ""), given.get("event", "")),
    )
    sandbox.ring()
    return {"resent": count}


def _challenge(sandbox: Sandbox, given: Any) -> Fields:
    """``{"intent": id, "result": "complete" | "fail"}``: answer the bank."""
    if given.get("result") not in ("complete", "fail"):
        raise InvalidRequest(message="result must be complete or fail", param="result")
    passed = given["result"] == "complete"
    return answer_challenge(sandbox, given["intent"], passed=passed)


def answer_challenge(sandbox: Sandbox, intent_id: str, *, passed: bool) -> Object:
    """Answer a 3-D Secure challenge. A declined card is an answer, not an error."""
    call = sandbox.call()
    with sandbox.store.transaction():
        intent = call.find("payment_intent", intent_id)
        try:
            confirmation.settle_challenge(call, intent, passed=passed)
        except ApiError as error:
            if not error.commits:
                raise
        intent = call.find("payment_intent", intent_id)
        sessions.follow(call, intent)
    sandbox.ring()
    return intent


def _konbini(sandbox: Sandbox, given: Any) -> Fields:
    """``{"intent": id, "result": "pay" | "lapse"}``: visit the store, or not."""
    return visit_store(sandbox, given["intent"], given.get("result"))


def visit_store(sandbox: Sandbox, intent_id: str, result: str | None) -> Object:
    """Pay a voucher or let it lapse. One that does not wait is not changed."""
    acts: dict[str, Callable[..., Object]] = {
        "pay": konbini.pay, "lapse": konbini.lapse,
    }  # fmt: skip
    act = acts.get(result or "")
    if act is None:
        raise InvalidRequest(message="result must be pay or lapse", param="result")
    call = sandbox.call()
    with sandbox.store.transaction():
        intent = act(call, call.find("payment_intent", intent_id))
    sandbox.ring()
    return intent


def _disputes(sandbox: Sandbox, given: Any) -> Fields:
    """``{"charge", "reason"}`` opens one, ``{"dispute", "result"}`` decides one."""
    call = sandbox.call()
    with sandbox.store.transaction():
        if "charge" in given:
            charge = call.find("charge", given["charge"])
            dispute = disputes.open_on(call, charge, given.get("reason", "fraudulent"))
        elif given.get("result") in ("won", "lost"):
            dispute = call.find("dispute", given["dispute"])
            dispute = disputes.decide(call, dispute, given["result"])
        else:
            raise InvalidRequest(message="result must be won or lost", param="result")
    sandbox.ring()
    return dispute


def _refunds(sandbox: Sandbox, given: Any) -> Fields:
    """``{"refund": id, "result": "succeed" | "fail"}``: decide as the bank."""
    if given.get("result") not in ("succeed", "fail"):
        raise InvalidRequest(message="result must be succeed or fail", param="result")
    call = sandbox.call()
    with sandbox.store.transaction():
        refund = call.find("refund", given["refund"])
        refund = refunds.settle(call, refund, succeeds=given["result"] == "succeed")
    sandbox.ring()
    return refund


_HANDLERS: dict[tuple[str, str], Callable[[Sandbox, Any], Fields]] = {
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("POST", "reset"): _reset,
    ("GET", "intents"): _intents,
    ("GET", "deliveries"): _deliveries,
    ("POST", "deliveries/resend"): _resend,
    ("POST", "challenge"): _challenge,
    ("POST", "konbini"): _konbini,
    ("POST", "disputes"): _disputes,
    ("POST", "refunds"): _refunds,
}
