"""Every operation of the sandbox, called through Stripe's own SDK."""

from collections.abc import Callable
from typing import Any

import stripe

from tests.sandboxes.stripe import making
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient
Perform = Callable[[Client], Any]
CARD = "pm_card_visa"


def _token(client: Client) -> Any:
    return client.v1.test_helpers.confirmation_tokens.create(
        {
            "payment_method": CARD,
            "return_url": making.BACK,
            "shipping": {
                "name": "Hanako Sato",
                "address": {"country": "JP", "postal_code": "1500001"},
            },
        }
    )


def _customer(client: Client) -> Any:
    return client.v1.customers.create(
        {"email": "hanako@example.com", "metadata": {"shop": "1"}}
    )


def _kept(client: Client) -> Any:
    """Attach a payment method to a customer; return it."""
    customer = _customer(client)
    return client.v1.payment_methods.attach(CARD, {"customer": customer.id})


def _kept_by_customer(client: Client) -> Any:
    kept = _kept(client)
    return client.v1.customers.payment_methods.retrieve(kept.customer, kept.id)


def _dispute(client: Client, sandbox: SandboxProcess) -> Any:
    charge = making.captured(client).latest_charge
    made = sandbox.control("POST", "disputes", {"charge": charge})
    return client.v1.disputes.retrieve(made["id"])


def _waiting_refund(client: Client, sandbox: SandboxProcess) -> Any:
    paid = making.konbini(client)
    sandbox.control("POST", "konbini", {"intent": paid.id, "result": "pay"})
    return client.v1.refunds.create({"payment_intent": paid.id})


def _refund(client: Client) -> Any:
    return client.v1.refunds.create({"payment_intent": making.captured(client).id})


def _some_event(client: Client) -> Any:
    making.intent(client)
    return client.v1.events.list({"limit": 1}).data[0]


OPERATIONS: dict[str, Perform] = {
    "payment_intents.create": lambda c: making.intent(c, metadata={"order": "A1"}),
    "payment_intents.list": lambda c: [
        making.confirmed(c),
        c.v1.payment_intents.list({"limit": 3}),
    ][1],
    "payment_intents.retrieve": lambda c: c.v1.payment_intents.retrieve(
        making.confirmed(c).id
    ),
    "payment_intents.update": lambda c: c.v1.payment_intents.update(
        making.intent(c).id, {"amount": 4000, "metadata": {"order": "A2"}}
    ),
    "payment_intents.confirm": making.confirmed,
    "payment_intents.capture": making.captured,
    "payment_intents.cancel": lambda c: c.v1.payment_intents.cancel(
        making.confirmed(c).id, {"cancellation_reason": "abandoned"}
    ),
    "payment_intents.search": lambda c: [
        making.intent(c, metadata={"order": "A3"}),
        c.v1.payment_intents.search({"query": "metadata['order']:'A3'"}),
    ][1],
    "checkout.sessions.create": making.session,
    "checkout.sessions.list": lambda c: [
        making.session(c),
        c.v1.checkout.sessions.list({"limit": 2}),
    ][1],
    "checkout.sessions.retrieve": lambda c: c.v1.checkout.sessions.retrieve(
        making.session(c, customer_email="hanako@example.com").id
    ),
    "checkout.sessions.expire": lambda c: c.v1.checkout.sessions.expire(
        making.session(c).id
    ),
    "checkout.sessions.line_items.list": lambda c: (
        c.v1.checkout.sessions.line_items.list(making.session(c).id)
    ),
    "confirmation_tokens.create": _token,
    "confirmation_tokens.retrieve": lambda c: c.v1.confirmation_tokens.retrieve(
        making.token(c)
    ),
    "payment_methods.create": lambda c: c.v1.payment_methods.create(
        {"type": "card", "card": {"token": "tok_visa"}}
    ),
    "payment_methods.list": lambda c: c.v1.payment_methods.list(
        {"customer": _kept(c).customer}
    ),
    "payment_methods.retrieve": lambda c: c.v1.payment_methods.retrieve(CARD),
    "payment_methods.update": lambda c: c.v1.payment_methods.update(
        _kept(c).id, {"billing_details": {"name": "Hanako Sato"}}
    ),
    "payment_methods.attach": _kept,
    "payment_methods.detach": lambda c: c.v1.payment_methods.detach(_kept(c).id),
    "customers.create": _customer,
    "customers.list": lambda c: [_customer(c), c.v1.customers.list()][1],
    "customers.search": lambda c: [
        _customer(c),
        c.v1.customers.search({"query": "email~'hanako'"}),
    ][1],
    "customers.retrieve": lambda c: c.v1.customers.retrieve(_customer(c).id),
    "customers.update": lambda c: c.v1.customers.update(
        _customer(c).id, {"name": "Hanako Sato"}
    ),
    "customers.delete": lambda c: c.v1.customers.delete(_customer(c).id),
    "customers.payment_methods.list": lambda c: c.v1.customers.payment_methods.list(
        _kept(c).customer
    ),
    "customers.payment_methods.retrieve": _kept_by_customer,
    "charges.list": lambda c: [making.captured(c), c.v1.charges.list()][1],
    "charges.search": lambda c: [
        making.captured(c),
        c.v1.charges.search({"query": "status:'succeeded' AND amount>100"}),
    ][1],
    "charges.retrieve": lambda c: c.v1.charges.retrieve(
        making.captured(c).latest_charge
    ),
    "charges.update": lambda c: c.v1.charges.update(
        making.captured(c).latest_charge, {"metadata": {"order": "A4"}}
    ),
    "charges.capture": lambda c: c.v1.charges.capture(
        making.confirmed(c).latest_charge
    ),
    "charges.refunds.list": lambda c: (
        c.v1.charges.retrieve(_refund(c).charge, {"expand": ["refunds"]}).refunds
    ),
    "refunds.create": _refund,
    "refunds.list": lambda c: [_refund(c), c.v1.refunds.list()][1],
    "refunds.retrieve": lambda c: c.v1.refunds.retrieve(_refund(c).id),
    "refunds.update": lambda c: c.v1.refunds.update(
        _refund(c).id, {"metadata": {"row": "7"}}
    ),
    "balance_transactions.list": lambda c: [
        making.captured(c),
        c.v1.balance_transactions.list(),
    ][1],
    "balance_transactions.retrieve": lambda c: c.v1.balance_transactions.retrieve(
        c.v1.charges.retrieve(making.captured(c).latest_charge).balance_transaction
    ),
    "events.list": lambda c: [_refund(c), c.v1.events.list({"limit": 20})][1],
    "events.retrieve": lambda c: c.v1.events.retrieve(_some_event(c).id),
}
# These need the tester's hand as well: a store's till, a cardholder's complaint.
ASSISTED: dict[str, Callable[[Client, SandboxProcess], Any]] = {
    "refunds.cancel": lambda c, s: c.v1.refunds.cancel(_waiting_refund(c, s).id),
    "disputes.list": lambda c, s: [_dispute(c, s), c.v1.disputes.list()][1],
    "disputes.retrieve": _dispute,
    "disputes.update": lambda c, s: c.v1.disputes.update(
        _dispute(c, s).id, {"evidence": {"product_description": "A mug"}}
    ),
    "disputes.close": lambda c, s: c.v1.disputes.close(_dispute(c, s).id),
}


def perform(name: str, client: Client, sandbox: SandboxProcess) -> Any:
    if name in ASSISTED:
        return ASSISTED[name](client, sandbox)
    return OPERATIONS[name](client)
