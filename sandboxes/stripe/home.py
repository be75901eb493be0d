"""The page at ``/``: what happened, the fault rules, and buttons for tests."""

import html
import json
from datetime import UTC, datetime
from typing import Any

from sandboxes.stripe import control_api, faults
from sandboxes.stripe.money import written
from sandboxes.stripe.sandbox import Sandbox
from sandboxes.stripe.store import Object

_SHOWN = 25
_OPTIONS = {
    "kind": (*faults.ERRORS, *faults.TRANSPORT, *faults.WEBHOOKS),
    "operation": faults.OPERATIONS,
    "status": ("500", "502", "503", "429", "409", "401", "402"),
}


def act(sandbox: Sandbox, given: dict[str, str]) -> str:
    """Do what a button of the page asks for. Return "" or the error."""
    fields = {
        name: value
        for name, value in given.items()
        if name not in ("method", "address") and value
    }
    result = control_api.answer(
        sandbox,
        given.get("method", "POST"),
        "/_sandbox/" + given.get("address", ""),
        "",
        json.dumps(fields),
    )
    if result.status == 200:  # noqa: PLR2004
        return ""
    return str(result.body["error"]["message"])


def parts(sandbox: Sandbox) -> dict[str, str]:
    """Return the parts of the page, as HTML."""
    store = sandbox.store
    intents = store.select("kind = 'payment_intent'", (), f"seq DESC LIMIT {_SHOWN}")
    events = store.select("kind = 'event'", (), f"seq DESC LIMIT {_SHOWN}")
    sent = store.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (_SHOWN,))
    armed = faults.listed(store)
    return {
        "now": _time(sandbox.clock.now()),
        "offset": f"{sandbox.clock.offset:+,.0f} s" if sandbox.clock.offset else "",
        "webhook": html.escape(sandbox.settings.webhook_url or "no receiver"),
        "intents": "".join(_intent(sandbox, intent) for intent in intents),
        "events": "".join(_event(event) for event in events),
        "deliveries": "".join(_delivery(dict(row)) for row in sent),
        "faults": "".join(_fault(rule) for rule in armed) or _row("none armed"),
        **{name: _choices(values) for name, values in _OPTIONS.items()},
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _choices(values: Any) -> str:
    return "".join(f"<option>{html.escape(str(value))}</option>" for value in values)


def _button(address: str, label: str, **fields: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in {"address": address, **fields}.items()
    )
    return f'<form method="post" action="/">{hidden}<button>{label}</button></form>'


def _intent(sandbox: Sandbox, intent: Object) -> str:
    action = (intent["next_action"] or {}).get("type", "")
    buttons = ""
    if action == "konbini_display_details":
        buttons = _button("konbini", "pay", intent=intent["id"], result="pay")
        buttons += _button("konbini", "lapse", intent=intent["id"], result="lapse")
    elif action:
        buttons = _button("challenge", "pass", intent=intent["id"], result="complete")
        buttons += _button("challenge", "fail", intent=intent["id"], result="fail")
    elif intent["status"] == "succeeded":
        charge = sandbox.store.get(intent["latest_charge"], "charge") or {}
        state = "disputed" if charge.get("disputed") else ""
        buttons = state or _button(
            "disputes", "dispute", charge=intent["latest_charge"]
        )
    labels = ", ".join(f"{name}={value}" for name, value in intent["metadata"].items())
    return _row(
        f"<code>{html.escape(intent['id'])}</code>",
        html.escape(written(intent["amount"], intent["currency"])),
        f"<strong>{html.escape(intent['status'])}</strong>",
        html.escape(labels),
        _time(intent["created"]),
        buttons,
    )


def _event(event: Object) -> str:
    subject = event["data"]["object"]
    return _row(
        f"<code>{html.escape(event['id'])}</code>",
        html.escape(event["type"]),
        f"<code>{html.escape(str(subject.get('id')))}</code>",
        _time(event["created"]),
        _button("deliveries/resend", "send again", event=event["id"]),
    )


def _delivery(row: dict[str, Any]) -> str:
    outcome = row["last_error"] or row["last_status"] or ""
    return _row(
        f"<code>{html.escape(row['event'])}</code>",
        html.escape(row["type"]),
        f"<strong>{html.escape(row['state'])}</strong>",
        str(row["attempts"]),
        html.escape(str(outcome)),
        _time(row["due_at"]),
    )


def _fault(rule: Object) -> str:
    told = ", ".join(
        f"{name}={rule[name]}"
        for name in ("status", "seconds", "event", "key", "object", "skip")
        if rule[name]
    )
    return _row(
        html.escape(rule["kind"]),
        html.escape(rule["operation"]),
        html.escape(told),
        f"{rule['remaining']} left",
    )
