"""Pages and scripts: the browser library, the card form, the bank's challenge."""

import html
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandboxes.stripe import home, konbini, session_page
from sandboxes.stripe.control_api import answer_challenge, visit_store
from sandboxes.stripe.money import written
from sandboxes.stripe.sandbox import Sandbox
from sandboxes.stripe.store import Object

_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
# No form-action: browsers also apply it to the redirect back to the shop.
_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'"
# Files that the browser may fetch: address -> file.
_FILES = {
    "/v3": "stripe.js",
    "/v3/": "stripe.js",
    "/v3/stripe.js": "stripe.js",
    "/elements/payment": "element.html",
    "/elements/element.js": "element.js",
    "/elements/element.css": "element.css",
    "/elements/page.css": "page.css",
    "/elements/wording.js": "wording.js",
    "/elements/wallet.js": "wallet.js",
    "/elements/voucher.js": "voucher.js",
    "/elements/challenge.js": "challenge.js",
}


@dataclass(frozen=True)
class Visit:
    """A request for a page."""

    method: str
    path: str
    query: dict[str, str]
    body: str

    @property
    def identifier(self) -> str:
        """Return ``pi_1`` of ``/3ds/pi_1``."""
        parts = self.path.split("/")
        return parts[2] if len(parts) == 3 else ""  # noqa: PLR2004


@dataclass
class Page:
    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


def serve(sandbox: Sandbox, method: str, path: str, query: str, body: str) -> Page:
    """Return the page or script at an address."""
    if path in _FILES and method == "GET":
        return _file(_FILES[path])
    first = path.split("/")[1]
    handler = _PAGES.get(first)
    if handler is None or (first in _SINGLE and path != f"/{first}"):
        return _text(404, "Not found\n", "text/plain")
    return handler(sandbox, Visit(method, path, dict(parse_qsl(query)), body))


def read(name: str) -> str:
    return files("sandboxes.stripe").joinpath("browser", name).read_text("utf-8")


def fill(name: str, **values: str) -> Page:
    """Fill a template of ``browser/`` with escaped values."""
    escaped = {key: html.escape(value) for key, value in values.items()}
    return _text(200, Template(read(name)).substitute(escaped), _TYPES["html"])


def _file(name: str) -> Page:
    return _text(200, read(name), _TYPES[name.rpartition(".")[2]])


def _text(status: int, content: str, kind: str) -> Page:
    headers = {"Content-Type": kind}
    if kind == _TYPES["html"]:
        headers["Content-Security-Policy"] = _POLICY
    return Page(status, content.encode(), headers)


def _healthz(sandbox: Sandbox, _visit: Visit) -> Page:
    sandbox.store.row("SELECT 1")
    return _text(200, json.dumps({"status": "ok"}), "application/json")


def _favicon(_sandbox: Sandbox, _visit: Visit) -> Page:
    return Page(204, b"")


def _home(sandbox: Sandbox, visit: Visit) -> Page:
    """The home page. A button's POST shows it again, with the error if it failed."""
    complaint = ""
    if visit.method == "POST":
        complaint = home.act(sandbox, dict(parse_qsl(visit.body)))
        if not complaint:
            return Page(303, b"", {"Location": "/"})
    content = Template(read("home.html")).substitute(
        home.parts(sandbox), complaint=html.escape(complaint)
    )
    return _text(400 if complaint else 200, content, _TYPES["html"])


def _voucher(sandbox: Sandbox, visit: Visit) -> Page:
    """The voucher with the tester's buttons. POST pays it or lets it lapse."""
    intent = sandbox.store.get(visit.identifier, "payment_intent")
    if intent is None or visit.query.get("key") != konbini.page_key(intent):
        return _text(404, "No such voucher.\n", "text/plain")
    if visit.method == "POST":
        visit_store(sandbox, intent["id"], dict(parse_qsl(visit.body)).get("result"))
        return Page(303, b"", {"Location": f"{visit.path}?{urlencode(visit.query)}"})
    shown = (intent["next_action"] or {}).get("konbini_display_details") or {}
    rows = "".join(
        f"<tr><td>{html.escape(chain)}</td><td>{html.escape(store['payment_code'])}</td>"
        f"<td>{html.escape(store['confirmation_number'])}</td></tr>"
        for chain, store in shown.get("stores", {}).items()
    )
    deadline = shown.get("expires_at")
    japan = timezone(timedelta(hours=9))
    content = Template(read("voucher.html")).substitute(
        amount=html.escape(written(intent["amount"], intent["currency"])),
        status=html.escape(intent["status"]),
        deadline=(
            f"{datetime.fromtimestamp(deadline, japan):%Y-%m-%d %H:%M} (JST)"
            if deadline
            else "-"
        ),
        stores=rows,
        action=html.escape(f"{visit.path}?{urlencode(visit.query)}"),
        state="open" if konbini.waiting(intent) else "answered",
        intent=html.escape(intent["id"]),
    )
    return _text(200, content, _TYPES["html"])


def _session(sandbox: Sandbox, visit: Visit) -> Page:
    """A Checkout Session's page. POST tries the card."""
    parts = visit.path.split("/")
    name = parts[3] if parts[2:3] == ["pay"] and len(parts) == 4 else ""  # noqa: PLR2004
    session = sandbox.store.get(name, "checkout.session")
    if session is None:
        return _text(404, "No such page.\n", "text/plain")
    refused = ""
    if visit.method == "POST":
        goal, refused = session_page.pay(sandbox, name, dict(parse_qsl(visit.body)))
    else:
        goal = session_page.after_bank(sandbox, session)
    if goal:
        return Page(303, b"", {"Location": goal})
    session = sandbox.store.get(name, "checkout.session") or session
    template = read("session.html")
    shown = session_page.content(sandbox, session, template, refused)
    return _text(200, shown, _TYPES["html"])


def _receipt(sandbox: Sandbox, visit: Visit) -> Page:
    charge = sandbox.store.get(visit.identifier, "charge")
    if charge is None:
        return _text(404, "No such receipt.\n", "text/plain")
    amount = written(charge["amount_captured"], charge["currency"])
    return _text(
        200,
        f"Sandbox receipt {charge['id']}: {amount} captured. No real payment.\n",
        "text/plain; charset=utf-8",
    )


def _challenge(sandbox: Sandbox, visit: Visit) -> Page:
    """The bank's page. POST is the customer's answer."""
    identifier = visit.identifier
    intent = sandbox.store.get(identifier, "payment_intent")
    given = {**visit.query, **dict(parse_qsl(visit.body))}
    if intent is None or given.get("client_secret") != intent["client_secret"]:
        return _text(404, "No such payment.\n", "text/plain")
    if visit.method == "POST":
        passed = given.get("result") == "complete"
        intent = answer_challenge(sandbox, identifier, passed=passed)
        return _after_challenge(sandbox, intent, framed=given.get("framed") == "1")
    return fill(
        "challenge.html",
        action=visit.path,
        secret=intent["client_secret"],
        amount=written(intent["amount"], intent["currency"]),
        intent=identifier,
        open="open" if intent["status"] == "requires_action" else "answered",
    )


def _after_challenge(sandbox: Sandbox, intent: Object, *, framed: bool) -> Page:
    """Return to the shop: by a message to the enclosing page, or by a redirect."""
    goal = sandbox.store.private(intent["id"]).get("return_url")
    if framed or not goal:
        return fill("challenge_done.html", intent=intent["id"], status=intent["status"])
    failed = intent["status"] == "requires_payment_method"
    parts = urlsplit(goal)
    added = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": "failed" if failed else "succeeded",
        }
    )
    address = urlunsplit(
        parts._replace(query="&".join(part for part in (parts.query, added) if part))
    )
    return Page(303, b"", {"Location": address})


_PAGES: dict[str, Callable[[Sandbox, Visit], Page]] = {
    "": _home,
    "healthz": _healthz,
    "favicon.ico": _favicon,
    "3ds": _challenge,
    "c": _session,
    "konbini": _voucher,
    "receipts": _receipt,
}
_SINGLE = ("", "healthz", "favicon.ico")
