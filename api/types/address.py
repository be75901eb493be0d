"""Who gets the goods, where to, and what they wish."""

import dataclasses
from datetime import date
from typing import Any

import strawberry

from checkout.cart.models import TemporaryOrder
from orders.models import Order


@strawberry.type(description="Whom receipts and invoices are made out to.")
class Billing:
    name: str
    postcode: str
    prefecture: str
    city: str
    street: str
    building: str


@strawberry.type(
    description="Whom an order goes to. Who has its link sees no phone number, and no "
    "billing address, as on its page."
)
class OrderRecipient:
    email: str
    name: str
    name_kana: str
    country: str = strawberry.field(description="Its code of ISO 3166-1: JP, US.")
    postcode: str
    prefecture: str = strawberry.field(description="In Japan; elsewhere region.")
    region: str
    city: str
    street: str
    building: str
    delivery: str = strawberry.field(
        description='How the parcel is handed over: door, leave, mailbox or "".'
    )
    delivery_on: date | None
    delivery_slot: str
    gift: str = strawberry.field(description='plain, wrapped or "".')
    gift_message: str
    receipt_name: str
    note: str


@strawberry.type(description="Contact and address, as they were entered.")
class Recipient(OrderRecipient):
    phone: str
    billing: Billing | None


def recipient_of(source: TemporaryOrder | Order) -> Recipient:
    """Return all of it: for the cart's own visitor, or for staff."""
    entered = _copied(OrderRecipient, source)
    return Recipient(**entered, phone=source.phone, billing=_billing_of(source))


def order_recipient_of(order: Order) -> OrderRecipient:
    return OrderRecipient(**_copied(OrderRecipient, order))


def _copied(kind: type, source: TemporaryOrder | Order) -> dict[str, Any]:
    return {each.name: getattr(source, each.name) for each in dataclasses.fields(kind)}


def _billing_of(source: TemporaryOrder | Order) -> Billing | None:
    if not source.billing_name:
        return None
    names = [each.name for each in dataclasses.fields(Billing)]
    return Billing(**{name: getattr(source, f"billing_{name}") for name in names})


@strawberry.input(description="Another address on receipts and invoices.")
class BillingInput:
    name: str
    postcode: str
    prefecture: str
    city: str
    street: str
    building: str = ""


@strawberry.input(description="What the page of contact and address asks for.")
class InformationInput:
    email: str
    name: str
    phone: str
    name_kana: str = ""
    country: str = strawberry.field(
        default="JP", description="One of deliveryCountries, by its code."
    )
    postcode: str = strawberry.field(
        default="", description="Not asked for what is picked up; so the next four."
    )
    prefecture: str = strawberry.field(
        default="", description="Its English name in small letters: tokyo, osaka."
    )
    region: str = strawberry.field(
        default="", description="Outside Japan: the state, a value of its regions."
    )
    city: str = ""
    street: str = ""
    building: str = ""
    insisted: str = strawberry.field(
        default="",
        description="The customer says that an address that looks wrong is right: "
        "postcode and prefecture, separated by a space.",
    )
    method: str = strawberry.field(
        default="", description="The id of an offer of the quote, if there are several."
    )
    delivery_on: date | None = None
    delivery_slot: str = ""
    delivery: str = "door"
    gift: str = ""
    gift_message: str = ""
    receipt_name: str = ""
    note: str = ""
    billing: BillingInput | None = None


def form_data(sent: InformationInput) -> dict[str, str]:
    """Return what the page's form would send."""
    fields: dict[str, Any] = dataclasses.asdict(sent)
    billing = fields.pop("billing") or {}
    fields |= {f"billing_{name}": value for name, value in billing.items()}
    fields["has_billing"] = "on" if billing else ""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if value not in (None, "")
    }
