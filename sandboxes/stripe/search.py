"""Search: Stripe's query language over intents, charges and customers.

As at Stripe, what was just written is not found yet: ``search_lag`` seconds behind.
"""

import base64
import re
from collections.abc import Callable
from typing import Any

from sandboxes.stripe import lists
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest
from sandboxes.stripe.store import Object

_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[a-z_.]+)(?:\[["'](?P<key>[^"']+)["']\])?\s*"""
    r"""(?P<op>>=|<=|:|~|>|<)\s*(?P<value>"[^"]*"|'[^']*'|[^\s]+)\s*"""
)
_JOINT = re.compile(r"(AND|OR)\b", re.IGNORECASE)
_SHOWN = "payment_method_details.card."
_FIELDS = {
    "payment_intent": {
        *("amount", "created", "currency", "customer", "metadata", "status"),
    },
    "charge": {
        *("amount", "created", "currency", "customer", "disputed", "metadata"),
        *("refunded", "status", _SHOWN + "last4", _SHOWN + "brand"),
        *(_SHOWN + "exp_month", _SHOWN + "exp_year", _SHOWN + "fingerprint"),
    },
    "customer": {"created", "email", "metadata", "name", "phone"},
}
_NUMERIC: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}
Test = Callable[[Object], bool]


def payment_intents(call: Call) -> Object:
    return _search(call, "payment_intent")


def charges(call: Call) -> Object:
    return _search(call, "charge")


def customers(call: Call) -> Object:
    return _search(call, "customer")


def _search(call: Call, kind: str) -> Object:
    query = call.params.get("query")
    if not query:
        raise InvalidRequest(
            message="Missing required param: query.",
            code="parameter_missing",
            param="query",
        )
    fits = parse(str(query), kind)
    limit = lists.limit_of(call.params)
    start = _start(call.params.get("page"))
    horizon = call.clock.now() - call.settings.search_lag
    found = call.store.select(
        "kind = ? AND created <= ? AND json_extract(body, '$.deleted') IS NULL",
        (kind, horizon),
        "seq DESC",
    )
    hits = [body for body in found if fits(body)]
    more = len(hits) > start + limit
    token = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
    return {
        "object": "search_result",
        "data": hits[start : start + limit],
        "has_more": more,
        "next_page": token if more else None,
        "url": f"/v1/{kind}s/search",
    }


def _start(page: str | None) -> int:
    if page is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(page).decode())
    except ValueError as error:
        raise InvalidRequest(message="Invalid page token.", param="page") from error


def parse(query: str, kind: str) -> Test:
    """Return the query as a test of one object. Raises InvalidRequest."""
    tests: list[Test] = []
    joints: set[str] = set()
    position = 0
    while True:
        found = _CLAUSE.match(query, position)
        if found is None:
            raise _not_understood(query)
        tests.append(_clause(found, kind, query))
        position = found.end()
        if position == len(query):
            break
        joint = _JOINT.match(query, position)
        # A blank between clauses means AND.
        joints.add(joint[1].upper() if joint else "AND")
        position = joint.end() if joint else position
    if len(joints) > 1:
        raise InvalidRequest(
            message="Search queries cannot mix AND and OR.", param="query"
        )
    every = any if joints == {"OR"} else all
    return lambda body: every(test(body) for test in tests)


def _clause(found: re.Match[str], kind: str, query: str) -> Test:
    field, key, operator = found["field"], found["key"], found["op"]
    if field not in _FIELDS[kind] or (field == "metadata") != (key is not None):
        raise InvalidRequest(
            message=f"Field `{field}` is an unsupported search field for resource "
            f"`{kind}s`.",
            param="query",
        )
    raw = found["value"]
    value = raw.strip("\"'")
    if operator in _NUMERIC and not re.fullmatch(r"-?\d+", value):
        raise _not_understood(query)
    negated = found["not"] is not None

    def test(body: Object) -> bool:
        actual: Any = body
        for part in [*field.split("."), *([key] if key else [])]:
            actual = actual.get(part) if isinstance(actual, dict) else None
        return _compare(actual, operator, value, null=raw == "null") != negated

    return test


def _compare(actual: Any, operator: str, value: str, *, null: bool) -> bool:
    if null:
        return actual is None
    if actual is None:
        return False
    if operator in _NUMERIC:
        return _NUMERIC[operator](int(actual), int(value))
    text = str(actual).lower()
    if operator == "~":
        return value.lower() in text
    return text == value.lower()


def _not_understood(query: str) -> InvalidRequest:
    return InvalidRequest(
        message=f"We were unable to parse your search query: {query}. Please refer to "
        "https://stripe.com/docs/search#search-query-language.",
        param="query",
    )
