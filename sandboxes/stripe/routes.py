"""Find the operation of a method and a path."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandboxes.stripe import (
    balance,
    charges,
    customers,
    disputes,
    events,
    intents,
    payment_methods,
    refunds,
    search,
    sessions,
    settlement,
    tokens,
)
from sandboxes.stripe.call import Call
from sandboxes.stripe.store import Object

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
    # For the browser only: the published description does not have it, since only
    # Stripe.js may use it. It takes the test helper's parameters.
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
    _op("payment_methods.list", "GET /v1/payment_methods", payment_methods.page),
    _op(
        "payment_methods.retrieve",
        "GET /v1/payment_methods/{payment_method}",
        payment_methods.retrieve,
    ),
    _op(
        "payment_methods.update",
        "POST /v1/payment_methods/{payment_method}",
        payment_methods.update,
    ),
    _op(
        "payment_methods.attach",
        "POST /v1/payment_methods/{payment_method}/attach",
        customers.attach,
    ),
    _op(
        "payment_methods.detach",
        "POST /v1/payment_methods/{payment_method}/detach",
        customers.detach,
    ),
    _op(
        "payment_intents.search",
        "GET /v1/payment_intents/search",
        search.payment_intents,
    ),
    _op("charges.search", "GET /v1/charges/search", search.charges),
    _op("customers.search", "GET /v1/customers/search", search.customers),
    _op("customers.create", "POST /v1/customers", customers.create),
    _op("customers.list", "GET /v1/customers", customers.page),
    _op("customers.retrieve", "GET /v1/customers/{customer}", customers.retrieve),
    _op("customers.update", "POST /v1/customers/{customer}", customers.update),
    _op("customers.delete", "DELETE /v1/customers/{customer}", customers.delete),
    _op(
        "customers.payment_methods.list",
        "GET /v1/customers/{customer}/payment_methods",
        customers.methods_page,
    ),
    _op(
        "customers.payment_methods.retrieve",
        "GET /v1/customers/{customer}/payment_methods/{payment_method}",
        customers.method_of,
    ),
    _op("refunds.create", "POST /v1/refunds", refunds.create),
    _op("refunds.list", "GET /v1/refunds", refunds.page),
    _op("refunds.retrieve", "GET /v1/refunds/{refund}", refunds.retrieve),
    _op("refunds.update", "POST /v1/refunds/{refund}", refunds.update),
    _op("refunds.cancel", "POST /v1/refunds/{refund}/cancel", refunds.cancel),
    _op(
        "charges.refunds.list",
        "GET /v1/charges/{charge}/refunds",
        refunds.page_of_charge,
    ),
    _op("disputes.list", "GET /v1/disputes", disputes.page),
    _op("disputes.retrieve", "GET /v1/disputes/{dispute}", disputes.retrieve),
    _op("disputes.update", "POST /v1/disputes/{dispute}", disputes.update),
    _op("disputes.close", "POST /v1/disputes/{dispute}/close", disputes.close),
    _op("charges.list", "GET /v1/charges", charges.page),
    _op("charges.retrieve", "GET /v1/charges/{charge}", charges.retrieve),
    _op("charges.update", "POST /v1/charges/{charge}", charges.update),
    _op(
        "charges.capture",
        "POST /v1/charges/{charge}/capture",
        settlement.capture_charge,
    ),
    _op("checkout.sessions.create", "POST /v1/checkout/sessions", sessions.create),
    _op("checkout.sessions.list", "GET /v1/checkout/sessions", sessions.page),
    _op(
        "checkout.sessions.retrieve",
        "GET /v1/checkout/sessions/{session}",
        sessions.retrieve,
    ),
    _op(
        "checkout.sessions.expire",
        "POST /v1/checkout/sessions/{session}/expire",
        sessions.expire,
    ),
    _op(
        "checkout.sessions.line_items.list",
        "GET /v1/checkout/sessions/{session}/line_items",
        sessions.line_items,
    ),
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
    """Return the path's pattern; its first variable part, the object, is ``id``."""
    names = iter(("id", "inner"))
    parts = [
        f"(?P<{next(names)}>[^/]+)" if part.startswith("{") else re.escape(part)
        for part in path.split("/")
    ]
    return re.compile("/".join(parts))


# Fixed paths (search) before those with a variable in the same position.
_ROUTES = sorted(
    ((operation, _pattern(operation.path)) for operation in OPERATIONS),
    key=lambda route: route[0].path.count("{"),
)


def match(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """Return the operation and the ids of its path, or None if unknown."""
    for operation, pattern in _ROUTES:
        if operation.method == method:
            found = pattern.fullmatch(path)
            if found:
                return operation, found.groupdict()
    return None
