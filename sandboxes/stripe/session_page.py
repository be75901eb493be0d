"""The page of a Checkout Session: a card form that needs no JavaScript."""

import html
from dataclasses import replace
from string import Template
from typing import Any

from sandboxes.stripe import confirmation, payment_methods, sessions
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import ApiError, CardRejected
from sandboxes.stripe.money import written
from sandboxes.stripe.sandbox import Sandbox
from sandboxes.stripe.store import Object

_YEAR_AT = 2
_EMPTY = "Fill in the card's number, its expiry date and its security code."


def address_of(session: Object, sandbox: Sandbox) -> str:
    return f"{sandbox.settings.origin}/c/pay/{session['id']}"


def pay(sandbox: Sandbox, session_id: str, form: dict[str, str]) -> tuple[str, str]:
    """Try a card. Return the address to go to, or the sentence why it was refused.

    A session that is not open is not changed; its page says so.
    """
    call = sandbox.call(publishable=True)
    with sandbox.store.transaction():
        session = call.find("checkout.session", session_id)
        if session["status"] != "open":
            return address_of(session, sandbox), ""
        goal, refused = _tried(call, session, form, address_of(session, sandbox))
    sandbox.ring()
    return goal, refused


def _tried(
    call: Call, session: Object, form: dict[str, str], page: str
) -> tuple[str, str]:
    try:
        intent = _try_card(call, session, form, page)
    except ApiError as error:
        # What a decline wrote is kept: the charge that failed.
        return "", str(error)
    sessions.follow(call, intent)
    return _next(call.find("checkout.session", session["id"]), intent, page), ""


def _try_card(call: Call, session: Object, form: dict[str, str], back: str) -> Object:
    method = payment_methods.from_data(
        call,
        {
            "type": "card",
            "card": _card(form),
            "billing_details": {
                "email": form.get("email") or session["customer_email"],
                "name": form.get("name") or None,
            },
        },
    )
    intent = sessions.intent_of(replace(call, publishable=False), session)
    given = {"payment_method": method["id"], "return_url": back}
    return confirmation.run(call, intent, given)


def _card(form: dict[str, str]) -> dict[str, Any]:
    """Return the card of the form. Raises CardRejected for one that is not whole."""
    expiry = "".join(filter(str.isdigit, form.get("expiry", "")))
    card = {"number": form.get("number", "").strip(), "cvc": form.get("cvc", "")}
    if not card["number"] or len(expiry) <= _YEAR_AT or not card["cvc"]:
        raise CardRejected(message=_EMPTY, code="incomplete_number", param="number")
    return {**card, "exp_month": expiry[:_YEAR_AT], "exp_year": expiry[_YEAR_AT:]}


def _next(session: Object, intent: Object, page: str) -> str:
    """Return where the customer goes: to the bank, to the shop, or to the page."""
    if session["status"] == "complete":
        return str(session["success_url"]).replace(
            "{CHECKOUT_SESSION_ID}", session["id"]
        )
    action = intent["next_action"] or {}
    return str((action.get("redirect_to_url") or {}).get("url") or page)


def after_bank(sandbox: Sandbox, session: Object) -> str:
    """Return where a customer who comes back from the bank goes; "" is the page."""
    call = sandbox.call()
    if not session["payment_intent"] or session["status"] != "complete":
        return ""
    intent = call.find("payment_intent", session["payment_intent"])
    return _next(session, intent, "")


def content(sandbox: Sandbox, session: Object, template: str, refused: str) -> str:
    """Fill the page. ``refused`` is why the last card was not accepted."""
    call = sandbox.call()
    lines = call.store.private(session["id"])["lines"]
    if not refused and session["payment_intent"]:
        intent = call.find("payment_intent", session["payment_intent"])
        refused = str((intent["last_payment_error"] or {}).get("message", ""))
    back = session["cancel_url"] or ""
    return Template(template).substitute(
        name=html.escape(", ".join(line["description"] for line in lines)),
        amount=html.escape(written(session["amount_total"], session["currency"])),
        refused=html.escape(refused),
        action=html.escape(address_of(session, sandbox)),
        back=html.escape(str(back)),
        email=html.escape(str(session["customer_email"] or "")),
        state="open" if session["status"] == "open" else "answered",
        session=html.escape(session["id"]),
    )
