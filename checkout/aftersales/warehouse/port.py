"""What the shop needs of a warehouse, and the errors that it may raise.

A shipping order is named by its order's number: the same request twice is one shipping
order. A request with a higher ``revision`` replaces the lines of one of which nothing
has left yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Standing(Enum):
    """Where a shipping order stands at the warehouse."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    SHORT = "short"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Recipient:
    """Who receives the parcel, where, and how it is packed; as the customer wrote it.

    ``gift``: "", "plain" or "wrapped". Nothing in the parcel of a gift shows prices,
    and ``note``, which is for those who pack, is not put into it. ``country`` is a code
    of ISO 3166-1. Outside Japan there is a ``region``, if the country has them, and no
    prefecture.
    """

    name: str
    phone: str
    postcode: str
    prefecture: str
    city: str
    street: str
    building: str = ""
    name_kana: str = ""
    gift: str = ""
    gift_message: str = ""
    note: str = ""
    country: str = "JP"
    region: str = ""


@dataclass(frozen=True)
class Item:
    """Units of one SKU. ``name`` is for people who pick it; reports leave it out."""

    sku: str
    quantity: int
    name: str = ""


@dataclass(frozen=True)
class Service:
    """How it is to be sent, and until when.

    ``method`` is its name as the customer chose it, ``carrier`` its carrier's, or "".
    ``ship_by`` was promised. ``deliver_on`` and ``slot`` are what the customer chose:
    a day, and a code of checkout/shipping/slots.py.
    """

    method: str = ""
    carrier: str = ""
    ship_by: date | None = None
    deliver_on: date | None = None
    slot: str = ""


@dataclass(frozen=True)
class ShippingOrder:
    """What the warehouse is asked to send.

    ``delivery`` is the customer's choice, "" outside Japan, where there is none.
    """

    shipment: str
    revision: int
    items: tuple[Item, ...]
    recipient: Recipient
    delivery: str
    language: str
    service: Service


@dataclass(frozen=True)
class ParcelReport:
    """One parcel that has left. ``id`` is the warehouse's, unique in its shipment."""

    id: str
    carrier: str
    tracking_number: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Status:
    """A shipping order as the warehouse has it now.

    ``sequence`` grows with every change there: of two of these the higher is newer.
    ``reason`` says why it was rejected or came back; ``short`` is what is missing.
    """

    shipment: str
    standing: Standing
    revision: int
    sequence: int
    reason: str = ""
    short: tuple[Item, ...] = ()
    parcels: tuple[ParcelReport, ...] = ()


class Answer(Enum):
    """The warehouse's answer to a wish: to cancel, or to change the recipient.

    REFUSED is final: the parcel is under way, or as good as. PENDING: people there
    decide, and ``status`` tells it later; nothing may be given back until then.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PENDING = "pending"


class WarehouseError(Exception):
    """Base of all errors of a warehouse. Messages contain no secrets."""


class NoAnswer(WarehouseError):
    """No answer, or the warehouse's own fault: the call may have had its effect.

    It may be repeated: every call is idempotent.
    """


class UnreadableAnswer(NoAnswer):
    """The warehouse answered in a form that this version cannot read."""


class NotNow(WarehouseError):
    """The warehouse limits the rate of calls; nothing was done."""


class Misconfigured(WarehouseError):
    """Wrong address or secrets: every order waits until they are right."""


class Refused(WarehouseError):
    """The warehouse rejects the call. A person must look; ``code`` says why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotFound(Refused):
    """The warehouse has no such shipping order."""


class Warehouse(Protocol):
    """One warehouse. Every method is one call and may raise any WarehouseError.

    ``shipment`` is the order's number. No method may be called in a transaction.
    """

    def request(self, order: ShippingOrder) -> Status:
        """Ask for the goods to be sent. Twice is once."""

    def status(self, shipment: str) -> Status:
        """Read where the shipping order stands now."""

    def request_cancellation(self, shipment: str) -> Answer:
        """Ask that nothing be sent. Twice is once, with the answer of then."""

    def cancel_rest(self, shipment: str) -> Answer:
        """Ask that nothing more be sent, after parcels have left. Twice is once.

        Accepted, the shipment is CANCELLED with the parcels that left.
        """

    def change_recipient(
        self, shipment: str, recipient: Recipient, delivery: str
    ) -> Answer:
        """Ask that the parcel go to another name or address, or another way.

        Twice is once.
        """

    def changed_since(self, moment: datetime) -> Iterator[Status]:
        """Read every shipping order that changed since then, newest first."""


@cache
def get_warehouse() -> Warehouse:
    """Return the process's warehouse, the class that settings.WAREHOUSE_ADAPTER names.

    Raises ImportError if there is no such class.
    """
    warehouse: Warehouse = import_string(settings.WAREHOUSE_ADAPTER)()
    return warehouse
