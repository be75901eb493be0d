"""Checkout Sessions: the page at Stripe on which customers pay without the shop's.

``mode=payment`` with cards only. A session makes its payment intent when its customer
first tries a card, as Stripe does; it can be completed once.
https://docs.stripe.com/api/checkout/sessions
"""

from dataclasses import replace
from typing import Any, NoReturn

from sandboxes.stripe import events, intents, lists, session_shape, settlement
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest
from sandboxes.stripe.money import checked_amount, checked_currency
from sandboxes.stripe.store import Object, new_id

# https://docs.stripe.com/api/checkout/sessions/create: from 30 minutes to 24 hours.
SHORTEST, LONGEST = 30 * 60, 24 * 3600
# An intent in these states has taken, or will take, the session's money.
PAID = ("requires_capture", "succeeded")
_EXPIRE = "session"


def create(call: Call) -> Object:
    params = call.params
    _check(params)
    lines = _lines(params)
    currency = checked_currency(lines[0]["currency"])
    amount = checked_amount(sum(line["amount_total"] for line in lines), currency)
    now, identifier = call.clock.now(), new_id("cs_test")
    body = session_shape.blank(params, amount, currency)
    body |= {
        "id": identifier,
        "created": now,
        "expires_at": _expiry(params, now),
        "url": f"{call.settings.origin}/c/pay/{identifier}",
    }
    call.store.put(
        body, {"lines": lines, "intent_data": params.get("payment_intent_data") or {}}
    )
    call.store.schedule(identifier, _EXPIRE, body["expires_at"])
    return body


def _check(params: dict[str, Any]) -> None:
    if params.get("mode", "payment") != "payment":
        _refuse("mode", "only the mode payment")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        _refuse("ui_mode", "only the hosted page")
    for name in ("allowed_payment_method_types", "payment_method_types"):
        if list(params.get(name) or ["card"]) != ["card"]:
            _refuse(name, "only cards")
    for name in ("success_url", "line_items"):
        if not params.get(name):
            raise InvalidRequest(
                message=f"Missing required param: {name}.",
                code="parameter_missing",
                param=name,
            )
    extra = sorted(set(params) - session_shape.TAKEN)
    if extra:
        _refuse(extra[0], f"no {extra[0]}")


def _refuse(param: str, what: str) -> NoReturn:
    message = f"The sandbox's Checkout Sessions know {what}."
    raise InvalidRequest(message=message, param=param)


def _lines(params: dict[str, Any]) -> list[Object]:
    """Return the session's items. Raises InvalidRequest."""
    lines = []
    for index, given in enumerate(params["line_items"]):
        data, path = given.get("price_data"), f"line_items[{index}]"
        if data is None or "unit_amount" not in data or "product_data" not in data:
            _refuse(
                path, "items with price_data[unit_amount] and price_data[product_data]"
            )
        lines.append(session_shape.item(data, int(given.get("quantity", 1))))
    if len({line["currency"] for line in lines}) > 1:
        raise InvalidRequest(
            message="The line items must have one currency.", param="line_items"
        )
    return lines


def _expiry(params: dict[str, Any], now: int) -> int:
    wanted = int(params.get("expires_at", now + LONGEST))
    if not now + SHORTEST <= wanted <= now + LONGEST:
        raise InvalidRequest(
            message="The `expires_at` timestamp must be at least 30 minutes and less "
            "than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return wanted


def retrieve(call: Call) -> Object:
    return call.find("checkout.session", call.path["id"], "session")


def page(call: Call) -> Object:
    url = "/v1/checkout/sessions"
    filters = ("payment_intent", "customer", "status")
    return lists.page(call, "checkout.session", filters, url=url)


def line_items(call: Call) -> Object:
    session = retrieve(call)
    return {
        "object": "list",
        "data": call.store.private(session["id"])["lines"],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def expire(call: Call) -> Object:
    """Close an open session: nobody can pay on its page any more."""
    session = retrieve(call)
    if session["status"] != "open":
        raise InvalidRequest(
            message='Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`.",
        )
    return end(call, session)


def end(call: Call, session: Object) -> Object:
    """Expire a session with its intent. One that is not open is not changed."""
    if session["status"] != "open":
        return session
    session.update(status="expired", url=None)
    call.store.put(session)
    call.store.unschedule(session["id"], _EXPIRE)
    if session["payment_intent"]:
        intent = call.find("payment_intent", session["payment_intent"])
        if intent["status"] in settlement.CANCELABLE:
            settlement.release(call, intent, "automatic")
    events.emit(call, "checkout.session.expired", session)
    return session


def intent_of(call: Call, session: Object) -> Object:
    """Return the session's payment intent; the first call makes it."""
    if session["payment_intent"]:
        return call.find("payment_intent", session["payment_intent"])
    data = call.store.private(session["id"])["intent_data"]
    given = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "payment_method_types": ["card"],
        **data,
    }
    intent = intents.create(replace(call, params=given))
    hidden = {**call.store.private(intent["id"]), "session": session["id"]}
    call.store.put(intent, hidden)
    session["payment_intent"] = intent["id"]
    call.store.put(session)
    return intent


def follow(call: Call, intent: Object) -> None:
    """Complete the intent's session, if it has one, once the bank has agreed."""
    name = call.store.private(intent["id"]).get("session")
    session = call.store.get(str(name), "checkout.session") if name else None
    if session is None or session["status"] != "open":
        return
    if intent["status"] not in PAID:
        return
    method = call.find("payment_method", intent["payment_method"])
    is_paid = intent["status"] == "succeeded"
    session.update(
        status="complete",
        payment_status="paid" if is_paid else "unpaid",
        url=None,
        customer_details=session_shape.details(session, method["billing_details"]),
    )
    call.store.put(session)
    call.store.unschedule(session["id"], _EXPIRE)
    events.emit(call, "checkout.session.completed", session)
