"""Inputs: an expected request, and what is changed in it."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from hypothesis import strategies as st

from sandboxes.stripe.webhooks import signature
from tests.fuzz.surface import Target

# Who asks for a page, as often as they can get somewhere.
PUBLIC = (*("visitor",) * 3, *("customer",) * 4, "administrator")
STAFF = (*("administrator",) * 6, "visitor", "Viewer", "Operator", "Refunder")
CSRF = "f" * 32
SECRET = "whsec_sandbox"
BOUNDARY = "----fuzz"
WEBHOOK = "POST webhooks/stripe/ ()"
KINDS = (
    *("path", "query", "field", "field", "header", "cookie"),
    *("method", "content type", "body", "file", "json", "drop"),
)
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO")
HEADERS = (
    *("Accept-Language", "Accept", "Host", "Referer", "Origin", "User-Agent"),
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"),
    *("HX-Request", "HX-Target", "HX-Current-URL", "HX-Trigger", "HX-Boosted"),
    *(
        "Range",
        "If-Modified-Since",
        "If-None-Match",
        "Last-Event-ID",
        "Accept-Encoding",
    ),
    *("Sec-Fetch-Dest", "X-CSRFToken", "Stripe-Signature", "Idempotency-Key"),
    *("SCRIPT_NAME", "PATH_INFO", "X-HTTP-Method-Override", "Cookie", "Upgrade"),
    *("Expect", "Content-Encoding", "X-Requested-With", "Authorization", "Via"),
)
COOKIES = ("sessionid", "csrftoken", "cart", "django_language", "messages", "other")
CONTENT_TYPES = (
    "application/x-www-form-urlencoded; charset=shift_jis",
    "multipart/form-data; boundary=x; charset=hex",
    "multipart/form-data",
    "application/json",
    "text/plain; charset=unicode_escape",
    "text/plain; charset*=nonsense''%ff",
)
# Texts that have broken programs before. U+DC80 to U+DCFF stand for single bytes.
NASTY = (
    *("", " ", "\0", "a\0b", "\udcff", "\udc83\udc7d", "\ud800", "\ufffd", "\x1f\x7f"),
    *("\u200b", "\u3164", "\u202e", "\ufeff", "é" * 200, "🙂" * 100, "a" * 300),
    *("a" * 3000, "0", "-1", "1_0", "²", "\uff11\uff10", "1e999", "nan", "inf", "0x10"),
    *(str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "9" * 3500, "1.5", "00"),
    *("2026-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "9999-12-31T23:59"),
    *("0001-01-01 00:00:00+14:00", "24:00", "http://[", "//evil.example", "../../etc"),
    *("'", '"', "%", "%s", "%00", "{}", "{{7*7}}", "<script>", "\\", ";", ",", ":"),
    *("true", "null", "[]", "None", "__all__", "id__in", "password__startswith", "~"),
    *("a:b:c", "abc:" + "A" * 27, "\r\nX: y", "a\nb\tc", "=", "&", "+", "#", "?"),
)
_TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(alphabet=st.characters(codec=None), max_size=40),
    st.integers(-(2**70), 2**70).map(str),
)


class Change(NamedTuple):
    """``kind`` says what is changed, ``which`` of it (modulo) and into what."""

    kind: str
    which: int
    text: str


@dataclass(frozen=True)
class Input:
    """A request: ``target`` is the key of a Target."""

    role: str
    target: str
    changes: tuple[Change, ...]

    def line(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps([self.role, self.target, [list(one) for one in self.changes]])

    @classmethod
    def read(cls, line: str) -> "Input":
        role, target, changes = json.loads(line)
        return cls(role, target, tuple(Change(*one) for one in changes))


def inputs(targets: Sequence[Target]) -> st.SearchStrategy[Input]:
    """Return the strategy of inputs for these targets."""
    change = st.builds(Change, st.sampled_from(KINDS), st.integers(0, 40), _TEXTS)
    changes = st.lists(change, max_size=3).map(tuple)
    senders = [
        (role, target.key)
        for target in targets
        for role in (STAFF if target.path.startswith("/admin/") else PUBLIC)
        # Forms have the most to get wrong.
        for _ in range(4 if target.fields else 1)
    ]
    chosen = st.sampled_from(senders)
    return st.builds(lambda pair, made: Input(pair[0], pair[1], made), chosen, changes)


class Draft:
    """The request of an input, while its changes are made."""

    def __init__(self, target: Target, cookies: dict[str, str], host: str) -> None:
        self.method = target.method
        self.path = target.path
        self.captures = target.captures
        self.query = list(target.query)
        self.fields = [
            pair for pair in target.fields if pair[0] != "csrfmiddlewaretoken"
        ]
        self.files: list[tuple[str, str, str]] = []
        self.headers = [("Host", host), ("Connection", "close")]
        self.cookies = {**cookies, "csrftoken": CSRF}
        self.content_type = ""
        self.body: bytes | None = None
        self.is_multipart = target.is_multipart
        self.event = event() if target.key == WEBHOOK else None

    def apply(self, change: Change) -> None:
        kind, which, text = change
        if kind == "json" and self.event is None:
            kind = "field"
        if kind == "field" and self.method == "GET":
            kind = "query"
        if kind == "path":
            self._change_path(which, text)
        elif kind == "query":
            self._put(self.query, which, text)
        elif kind == "field":
            self._put(self.fields, which, text)
        elif kind == "header":
            self.headers.append((HEADERS[which % len(HEADERS)], text))
        elif kind == "cookie":
            self.cookies[COOKIES[which % len(COOKIES)]] = text
        else:
            self._apply_to_body(kind, which, text)

    def _apply_to_body(self, kind: str, which: int, text: str) -> None:
        if kind == "method":
            self.method = METHODS[which % len(METHODS)]
        elif kind == "content type":
            some = which % (len(CONTENT_TYPES) + 1)
            self.content_type = (
                CONTENT_TYPES[some] if some < len(CONTENT_TYPES) else text
            )
        elif kind == "file":
            names = [name for name, _ in self.fields] or ["file"]
            self.files.append((names[which % len(names)], text, text))
            self.is_multipart = True
        elif kind == "json" and self.event is not None:
            leaves = list(leaves_of(self.event))
            holder, key = leaves[which % len(leaves)]
            holder[key] = _value(text)
        elif kind == "body":
            self.body = encode(text)
        elif kind == "drop" and self.fields:
            del self.fields[which % len(self.fields)]

    def _change_path(self, which: int, text: str) -> None:
        if self.captures:
            old = self.captures[which % len(self.captures)]
            self.path = self.path.replace(old, text, 1)
        else:
            self.path += text

    @staticmethod
    def _put(pairs: list[tuple[str, str]], which: int, text: str) -> None:
        """Change the value of a field, or add one with an odd name."""
        if which < 2 * len(pairs):
            name, _ = pairs[which % len(pairs)]
            pairs[which % len(pairs)] = (name, text)
        else:
            pairs.append((text, text))

    def encoded(self) -> bytes:
        """Return the bytes to send."""
        body, content_type = self._body()
        path = quote_plus(encode(self.path), safe="/:@!$&'()*,;=~+-._")
        address = path + ("?" + _urlencoded(self.query) if self.query else "")
        headers = [*self.headers, ("Cookie", self._cookie_line())]
        if content_type:
            headers.append(("Content-Type", content_type))
        if self.event is not None:
            signed = signature(SECRET, body, int(time.time()))
            headers.append(("Stripe-Signature", signed))
        if body or self.method == "POST":
            headers.append(("Content-Length", str(len(body))))
        lines = [f"{self.method} {address} HTTP/1.1".encode()]
        # A line break would end the header: those come percent-encoded or not at all.
        lines += [
            b": ".join((name.encode(), encode(value).replace(b"\r\n", b" ")))
            for name, value in headers
        ]
        return b"\r\n".join([*lines, b"", body])

    def _body(self) -> tuple[bytes, str]:
        if self.body is not None:
            return self.body, self.content_type or "application/x-www-form-urlencoded"
        if self.event is not None:
            return json.dumps(self.event).encode(), "application/json"
        if self.method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            return b"", self.content_type
        fields = [("csrfmiddlewaretoken", CSRF), *self.fields]
        if self.is_multipart:
            kind = f"multipart/form-data; boundary={BOUNDARY}"
            return _multipart(fields, self.files), self.content_type or kind
        kind = "application/x-www-form-urlencoded"
        return _urlencoded(fields).encode(), self.content_type or kind

    def _cookie_line(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def encode(text: str) -> bytes:
    """Return the bytes of a text of which some characters stand for bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def event() -> dict[str, Any]:
    """Return an event of Stripe's, of an intent that this shop does not know."""
    intent = {
        "id": "pi_fuzz",
        "object": "payment_intent",
        "amount": 1800,
        "currency": "jpy",
        "status": "succeeded",
        "latest_charge": "ch_fuzz",
        "metadata": {"order": "261122-AAAAAA"},
    }
    return {
        "id": f"evt_{time.time_ns()}",
        "object": "event",
        "api_version": "2025-09-30.clover",
        "created": int(time.time()),
        "livemode": False,
        "type": "payment_intent.succeeded",
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "data": {"object": intent},
    }


def leaves_of(value: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Return every place of a JSON document, as its holder and its key."""
    places = [(value, key) for key in value]
    for inner in value.values():
        if isinstance(inner, dict):
            places += leaves_of(inner)
    return places


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _urlencoded(pairs: list[tuple[str, str]]) -> str:
    return "&".join(
        f"{quote_plus(encode(name))}={quote_plus(encode(value))}"
        for name, value in pairs
    )


def _multipart(
    fields: list[tuple[str, str]], files: list[tuple[str, str, str]]
) -> bytes:
    parts = []
    for name, value in fields:
        head = f'Content-Disposition: form-data; name="{name}"'
        parts.append(encode(head) + b"\r\n\r\n" + encode(value))
    for name, filename, content in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
        kind = "\r\nContent-Type: image/png"
        parts.append(encode(head + kind) + b"\r\n\r\n" + encode(content))
    edge = f"--{BOUNDARY}\r\n".encode()
    return b"".join(edge + part + b"\r\n" for part in parts) + edge[:-2] + b"--\r\n"
