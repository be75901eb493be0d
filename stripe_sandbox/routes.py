"""Which operation a method and a path name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stripe_sandbox import balance, charges, events, intents, payment_methods
from stripe_sandbox import settlement, tokens
from stripe_sandbox.call import Call
from stripe_sandbox.store import Object

Handler = Callable[[Call], Object]


@dataclass(frozen=True)
class Operation:
    """One entry of the API: ``table`` names its parameter table.

    ``public`` operations accept a publishable key.
    """

    name: str
    method: str
    path: str
    table: str
    handler: Handler
    public: bool = False


def _op(
    name: str, route: str, handler: Handler, *, public: bool = False, table: str = ""
) -> Operation:
    method, _, path = route.partition(" ")
    return Operation(name, method, path, table or route, handler, public)


OPERATIONS = (
    _op("payment_intents.create", "POST /v1/payment_intents", intents.create),
    _op("payment_intents.list", "GET /v1/payment_intents", intents.page),
    _op(
        "payment_intents.retrieve",
        "GET /v1/payment_intents/{intent}",
        intents.retrieve,
        public=True,
    ),
    _op("payment_intents.update", "POST /v1/payment_intents/{intent}", intents.update),
    _op(
        "payment_intents.confirm",
        "POST /v1/payment_intents/{intent}/confirm",
        intents.confirm,
        public=True,
    ),
    _op(
        "payment_intents.capture",
        "POST /v1/payment_intents/{intent}/capture",
        settlement.capture,
    ),
    _op(
        "payment_intents.cancel",
        "POST /v1/payment_intents/{intent}/cancel",
        settlement.cancel,
    ),
    _op(
        "confirmation_tokens.create",
        "POST /v1/test_helpers/confirmation_tokens",
        tokens.create,
    ),
    # The browser's own entry: not in the published description, for only Stripe.js
    # may use it. It takes the test helper's parameters.
    _op(
        "confirmation_tokens.create",
        "POST /v1/confirmation_tokens",
        tokens.create,
        public=True,
        table="POST /v1/test_helpers/confirmation_tokens",
    ),
    _op(
        "confirmation_tokens.retrieve",
        "GET /v1/confirmation_tokens/{confirmation_token}",
        tokens.retrieve,
    ),
    _op(
        "payment_methods.create",
        "POST /v1/payment_methods",
        payment_methods.create,
        public=True,
    ),
    _op("charges.list", "GET /v1/charges", charges.page),
    _op("charges.retrieve", "GET /v1/charges/{charge}", charges.retrieve),
    _op("charges.update", "POST /v1/charges/{charge}", charges.update),
    _op("balance_transactions.list", "GET /v1/balance_transactions", balance.page),
    _op(
        "balance_transactions.retrieve",
        "GET /v1/balance_transactions/{id}",
        balance.retrieve,
    ),
    _op("events.list", "GET /v1/events", events.page),
    _op("events.retrieve", "GET /v1/events/{id}", events.retrieve),
)


def _pattern(path: str) -> re.Pattern[str]:
    """The first variable part is the object itself; it is called ``id``."""
    names = iter(("id", "inner"))
    parts = [
        f"(?P<{next(names)}>[^/]+)" if part.startswith("{") else re.escape(part)
        for part in path.split("/")
    ]
    return re.compile("/".join(parts))


# Fixed paths (search) before the ones with a variable in the same place.
_ROUTES = sorted(
    ((operation, _pattern(operation.path)) for operation in OPERATIONS),
    key=lambda route: route[0].path.count("{"),
)


def match(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation and the ids in its path, or None for an unknown address."""
    for operation, pattern in _ROUTES:
        if operation.method == method:
            found = pattern.fullmatch(path)
            if found:
                return operation, found.groupdict()
    return None
