"""Pages and scripts: the browser library, the card form, the bank's challenge."""

import html
import json
from dataclasses import dataclass, field
from importlib.resources import files
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from stripe_sandbox.control_api import answer_challenge
from stripe_sandbox.money import written
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object

_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
# What the browser may fetch under its own name: address -> file.
_FILES = {
    "/v3": "stripe.js",
    "/v3/": "stripe.js",
    "/v3/stripe.js": "stripe.js",
    "/elements/payment": "element.html",
    "/elements/element.js": "element.js",
    "/elements/element.css": "element.css",
    "/elements/page.css": "page.css",
    "/elements/words.js": "words.js",
    "/elements/challenge.js": "challenge.js",
}


@dataclass
class Page:
    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


def serve(sandbox: Sandbox, method: str, path: str, query: str, body: str) -> Page:
    """A page or script of the sandbox's own, by its address."""
    if path == "/healthz":
        sandbox.store.row("SELECT 1")
        return _text(200, json.dumps({"status": "ok"}), "application/json")
    if path in _FILES and method == "GET":
        return _file(_FILES[path])
    if path.startswith("/3ds/"):
        return _challenge(sandbox, method, path, dict(parse_qsl(query or body)), body)
    return _text(404, "Not found\n", "text/plain")


def read(name: str) -> str:
    return files("stripe_sandbox").joinpath("browser", name).read_text("utf-8")


def fill(name: str, **values: str) -> Page:
    """A template of ``browser/`` with escaped values."""
    escaped = {key: html.escape(value) for key, value in values.items()}
    return _text(200, Template(read(name)).substitute(escaped), _TYPES["html"])


def _file(name: str) -> Page:
    return _text(200, read(name), _TYPES[name.rpartition(".")[2]])


def _text(status: int, content: str, kind: str) -> Page:
    return Page(status, content.encode(), {"Content-Type": kind})


def _challenge(
    sandbox: Sandbox, method: str, path: str, query: dict[str, str], body: str
) -> Page:
    """The bank's page. GET shows it, POST takes the customer's answer."""
    identifier = path.split("/")[2]
    intent = sandbox.store.get(identifier, "payment_intent")
    given = {**query, **dict(parse_qsl(body))}
    if intent is None or given.get("client_secret") != intent["client_secret"]:
        return _text(404, "No such payment.\n", "text/plain")
    if method == "POST":
        intent = answer_challenge(
            sandbox, identifier, given.get("result") == "complete"
        )
        return _after_challenge(sandbox, intent, framed=given.get("framed") == "1")
    return fill(
        "challenge.html",
        action=path,
        secret=intent["client_secret"],
        amount=written(intent["amount"], intent["currency"]),
        intent=identifier,
        open="open" if intent["status"] == "requires_action" else "answered",
    )


def _after_challenge(sandbox: Sandbox, intent: Object, *, framed: bool) -> Page:
    """Back to the shop: by a message to the page around us, or by a redirect."""
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
