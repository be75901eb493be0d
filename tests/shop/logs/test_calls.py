"""No call that logs can write a secret or a person's data, whatever its values are."""

import ast
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from shop.logs.privacy import PATTERNS
from tests.shop.logs.capture import FORMATS

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
UID = "0b7c1f1e-6f0a-4c57-9a55-4a2c0e1f2d3c"
# Kind of secret -> a text that an exception, an address or a row may bring, and the
# part of it that no line may hold.
HOSTILE = {
    "mail address": ("to hanako+tv@mail.customer.example: 550", "hanako+tv@mail"),
    "row of the database": (
        "refused\nDETAIL:  Failing row contains (7, 港 花子, 西麻布1-2-3)",
        "花子",
    ),
    "row of several lines": (
        "refused\nDETAIL:  Failing row contains (7, 港 花子\n西麻布1-2-3, x).\nHINT: y",
        "西麻布",
    ),
    "password in an address": ("at rediss://:s3cret-word@broker:6379/0", "s3cret-word"),
    "address that opens a page": (f"/orders/{UID}/pay/", UID),
    "address that makes an account": (f"/account/from-order/{UID}/", UID),
    "link of a mail": ("/missing/eyJhbGciOi-token/", "eyJhbGciOi-token"),
    "value of a query": ("/oidc/callback/?code=4f9a-code&state=st4te", "4f9a-code"),
    "API key": ("key sk_live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyjWDarjt"),
    "webhook secret": ("signed with whsec_abc+def/123==", "abc+def"),
    "card number": ("number 4242 4242 4242 4242", "4242 4242"),
    "client secret": ("pi_1_secret_Zx9Yw", "Zx9Yw"),
    "a line of its own": ("x\n2026-11-30 ERROR shop forged", "\n2026-11-30 ERROR"),
    "a colour": ("x\x1b[31mred", "\x1b"),
}
# What a name, a typed text or an address is called here. A pattern finds none of them.
PERSONAL = re.compile(
    r"(?:^|\.|_)(?:email|phone|postcode|street|city|building|recipient|kana|username|"
    r"get_username|password|token|secret|customer|visitor|user|cart\.\w+|body|POST|GET|"
    r"COOKIES|META|headers|data|address)(?:\(.*\))?$"
)


@dataclass(frozen=True)
class Call:
    """One call of a logger: where, its text and the expressions of its values."""

    place: str
    text: str
    values: tuple[str, ...]
    extras: tuple[str, ...]


@cache
def calls() -> tuple[Call, ...]:
    """Return every call of a logger in the shop."""
    found = [
        call
        for room in settings.ROOMS
        for file in sorted(Path(settings.BASE_DIR, room).rglob("*.py"))
        if "migrations" not in file.parts
        for call in calls_of(file)
    ]
    assert len(found) > 60, "the calls are looked for in the wrong place"
    return tuple(found)


def calls_of(file: Path) -> Iterator[Call]:
    for node in ast.walk(ast.parse(file.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        of = node.func.value
        if node.func.attr not in LEVELS or not isinstance(of, ast.Name):
            continue
        if of.id not in {"logger", "log"}:
            continue
        text, *values = node.args
        extras = [word.value for word in node.keywords if word.arg == "extra"]
        yield Call(
            place=f"{file.relative_to(settings.BASE_DIR)}:{node.lineno}",
            text=str(text.value) if isinstance(text, ast.Constant) else "%s",
            values=tuple(map(ast.unparse, values)),
            extras=tuple(map(ast.unparse, extras)),
        )


def filled(text: str, value: str) -> logging.LogRecord:
    """Return the record of a call with ``value`` in each place that takes a text."""
    kinds = re.findall(r"%[-.\d]*([a-z])", text.replace("%%", ""))
    values = tuple(value if kind in "sr" else 7 for kind in kinds)
    return logging.LogRecord("shop", logging.ERROR, "file", 1, text, values, None)


def test_each_pattern_has_an_example_here() -> None:
    assert set(PATTERNS) <= set(HOSTILE)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_call_writes_what_a_value_must_not_tell(form: str, kind: str) -> None:
    value, secret = HOSTILE[kind]
    formatter = FORMATS[form]()
    told = [
        call.place
        for call in calls()
        if secret in formatter.format(filled(call.text, value))
    ]
    assert told == []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "kind", sorted(set(HOSTILE) - {"a line of its own", "a colour"})
)
def test_no_trace_and_no_extra_tells_it(form: str, kind: str) -> None:
    value, secret = HOSTILE[kind]
    error = ValueError(value)
    fault = (type(error), error, None)
    record = logging.LogRecord("shop", logging.ERROR, "file", 1, "failed", (), fault)
    record.reference = value
    record.request = value
    record.data = {"args": [value]}

    assert secret not in FORMATS[form]().format(record)


def test_no_call_names_a_person() -> None:
    named = [
        f"{call.place}: {value}"
        for call in calls()
        for value in call.values
        if PERSONAL.search(value) and not value.startswith("mark(")
    ]
    assert named == []


@pytest.mark.parametrize(
    "value", ["cart.email", "user.get_username()", "request.POST", "order.phone"]
)
def test_names_of_personal_data_are_recognised(value: str) -> None:
    assert PERSONAL.search(value)


def test_extras_are_only_what_a_line_may_say() -> None:
    """Others would be lost: a formatter writes the fields that it knows."""
    known = {"{'has_lines': True}"}
    assert {extra for call in calls() for extra in call.extras} <= known
