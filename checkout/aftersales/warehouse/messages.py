"""The form of the messages: JSON objects with a type, and the boundary that reads them.

docs/warehouse.md describes them and docs/warehouse.openapi.json holds their schemas.
What comes from the warehouse is read field by field: what names or counts something is
taken whole or the message is unreadable, what people read is cut.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum
from typing import Any

from checkout.aftersales.warehouse.port import (
    Answer,
    Item,
    ParcelReport,
    Recipient,
    ShippingOrder,
    Standing,
    Status,
)
from checkout.payments.provider_fields import ProviderObject, Unreadable

LARGEST_BODY = 256 * 1024
# As orders.Shipment keeps them.
LONGEST_TRACKING = 40
LONGEST_CARRIER = 40
LONGEST_REASON = 300
LONGEST_SHIPMENT = 20
LONGEST_SKU = 64
LONGEST_PARCEL = 64
MOST_PARCELS = 100
MOST_ITEMS = 200
MOST_UNITS = 1_000_000


class Call(Enum):
    """What the shop asks of the warehouse."""

    REQUEST = "shipment.request"
    STATUS = "shipment.status"
    CANCEL = "shipment.cancel"
    CANCEL_REST = "shipment.cancel_rest"
    CHANGE_RECIPIENT = "shipment.change_recipient"
    LIST = "shipments.list"


class Kind(Enum):
    """What the warehouse reports to the shop, in the past tense."""

    ACCEPTED = "shipment.accepted"
    REJECTED = "shipment.rejected"
    PICKED = "shipment.picked"
    PACKED = "shipment.packed"
    SHORT = "shipment.short"
    SHIPPED = "shipment.shipped"
    DELIVERED = "shipment.delivered"
    RETURNED = "shipment.returned"
    CANCELLED = "shipment.cancelled"
    CANCELLATION_REFUSED = "shipment.cancellation_refused"
    RETURN_ARRIVED = "shipment.return_arrived"


@dataclass(frozen=True)
class ArrivedItem:
    """Units of one SKU that came back: back on the shelf, and unfit to be sold."""

    sku: str
    restocked: int
    scrapped: int


@dataclass(frozen=True)
class Report:
    """One report of the warehouse. Which fields it has depends on its ``kind``.

    That a return arrived is no change of the shipment: it has no revision and no
    sequence, and both are 0.
    """

    kind: Kind
    shipment: str
    revision: int
    sequence: int
    reason: str = ""
    items: tuple[Item, ...] = ()
    parcel: ParcelReport | None = None
    arrived: tuple[ArrivedItem, ...] = ()

    def stored(self) -> dict[str, Any]:
        """Return it as JSON can keep it."""
        return asdict(self) | {"kind": self.kind.value}


def report_from(stored: dict[str, Any]) -> Report:
    """Return a report that ``Report.stored`` made."""
    parcel = stored["parcel"]
    return Report(
        kind=Kind(stored["kind"]),
        shipment=stored["shipment"],
        revision=stored["revision"],
        sequence=stored["sequence"],
        reason=stored["reason"],
        items=items_from(stored["items"]),
        parcel=parcel_from(parcel) if parcel else None,
    )


def items_from(stored: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(**one) for one in stored)


def parcel_from(stored: dict[str, Any]) -> ParcelReport:
    return ParcelReport(**(stored | {"items": items_from(stored["items"])}))


def call_body(call: Call, data: dict[str, Any]) -> str:
    """Return the body of a call, as its signature covers it."""
    return json.dumps({"type": call.value, "data": data}, ensure_ascii=False)


def request_data(order: ShippingOrder) -> dict[str, Any]:
    """Return it as JSON has it: days as 2026-12-01, or null."""
    data = asdict(order)
    days = {
        name: value.isoformat()
        for name, value in data["service"].items()
        if isinstance(value, date)
    }
    return data | {"service": data["service"] | days}


def recipient_data(
    shipment: str, recipient: Recipient, delivery: str
) -> dict[str, Any]:
    return {
        "shipment": shipment,
        "recipient": asdict(recipient),
        "delivery": delivery,
    }


def read_report(body: bytes) -> Report:
    """Return the report in a body. Raises Unreadable, whose message names the field."""
    envelope = ProviderObject(parse(body), "message")
    kind = envelope.one_of("type", Kind, None)
    data = envelope.inner("data")
    if kind is Kind.RETURN_ARRIVED:
        shipment = _name(data, "shipment", LONGEST_SHIPMENT)
        return Report(kind, shipment, 0, 0, arrived=_arrived(data))
    with_items = kind is Kind.SHORT
    return Report(
        kind=kind,
        shipment=_name(data, "shipment", LONGEST_SHIPMENT),
        revision=_count(data, "revision"),
        sequence=_count(data, "sequence"),
        reason=data.text("reason", LONGEST_REASON),
        items=_items(data, "items") if with_items else (),
        parcel=_parcel(data.inner("parcel")) if kind is Kind.SHIPPED else None,
    )


def read_status(body: bytes) -> Status:
    """Return the status in an answer. Raises Unreadable."""
    return status_of(ProviderObject(parse(body), "answer"))


def read_answer(body: bytes) -> Answer:
    """Return the answer to a wish. Raises Unreadable."""
    return ProviderObject(parse(body), "answer").one_of("answer", Answer, None)


def read_page(body: bytes) -> tuple[list[Status], str]:
    """Return one page of a list, and where the next one begins. Raises Unreadable."""
    answer = ProviderObject(parse(body), "answer")
    found = [status_of(one) for one in answer.items("shipments", "shipment")]
    return found, answer.optional_identifier("next")


def status_of(data: ProviderObject) -> Status:
    parcels = data.items("parcels", "parcel")
    if len(parcels) > MOST_PARCELS:
        message = f"{data.what}.parcels has more than {MOST_PARCELS} parcels"
        raise Unreadable(message)
    return Status(
        shipment=_name(data, "shipment", LONGEST_SHIPMENT),
        standing=data.one_of("standing", Standing, None),
        revision=_count(data, "revision"),
        sequence=data.amount("sequence"),
        reason=data.text("reason", LONGEST_REASON),
        short=_items(data, "short", may_be_empty=True),
        parcels=tuple(_parcel(one) for one in parcels),
    )


def parse(body: bytes) -> object:
    """Return what a JSON body holds. Raises Unreadable."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        message = f"the body is no JSON: {type(error).__name__}"
        raise Unreadable(message) from error


def _parcel(data: ProviderObject) -> ParcelReport:
    return ParcelReport(
        id=_name(data, "id", LONGEST_PARCEL),
        carrier=_name(data, "carrier", LONGEST_CARRIER),
        tracking_number=_name(data, "tracking_number", LONGEST_TRACKING),
        items=_items(data, "items"),
    )


def _items(
    data: ProviderObject, name: str, *, may_be_empty: bool = False
) -> tuple[Item, ...]:
    """Return SKUs and units; an SKU that stands twice is unreadable."""
    found = data.items(name, f"{data.what}.{name}")
    if len(found) > MOST_ITEMS or not (found or may_be_empty):
        message = f"{data.what}.{name} must have 1 to {MOST_ITEMS} items"
        raise Unreadable(message)
    items = tuple(
        Item(_name(one, "sku", LONGEST_SKU), _count(one, "quantity")) for one in found
    )
    if len({item.sku for item in items}) < len(items):
        message = f"{data.what}.{name} names an SKU twice"
        raise Unreadable(message)
    return items


def _arrived(data: ProviderObject) -> tuple[ArrivedItem, ...]:
    """Return what came back; an SKU that stands twice, or no unit, is unreadable."""
    found = data.items("items", f"{data.what}.items")
    items = tuple(
        ArrivedItem(
            _name(one, "sku", LONGEST_SKU),
            one.amount("restocked"),
            one.amount("scrapped"),
        )
        for one in found
    )
    units = [item.restocked + item.scrapped for item in items]
    if not 1 <= len(items) <= MOST_ITEMS or not all(
        1 <= count <= MOST_UNITS for count in units
    ):
        message = f"{data.what}.items must have 1 to {MOST_ITEMS} items with units"
        raise Unreadable(message)
    if len({item.sku for item in items}) < len(items):
        message = f"{data.what}.items names an SKU twice"
        raise Unreadable(message)
    return items


def _name(data: ProviderObject, name: str, longest: int) -> str:
    value = data.identifier(name)
    if len(value) > longest:
        message = f"{data.what}.{name} has more than {longest} letters"
        raise Unreadable(message)
    return value


def _count(data: ProviderObject, name: str) -> int:
    value = data.amount(name)
    if not 1 <= value <= MOST_UNITS:
        message = f"{data.what}.{name} is not from 1 to {MOST_UNITS}"
        raise Unreadable(message)
    return value
