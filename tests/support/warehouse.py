"""A warehouse in memory, and reports as if they came from it."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.port import (
    Answer,
    Item,
    NotFound,
    ParcelReport,
    Recipient,
    ShippingOrder,
    Standing,
    Status,
    Warehouse,
    WarehouseError,
)
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from orders.models import Exchange, Order
from saga.engine import run
from saga.models import Saga
from saga.sweeper import sweep
from tests.conftest import Clock

BOTH = {"MUG-01": 2, "TEA-01": 1}
_ids = itertools.count(1)


class FakeWarehouse:
    """Keeps what it is asked. ``plan`` are errors for the next calls, in turn."""

    def __init__(self) -> None:
        self.orders: dict[str, ShippingOrder] = {}
        self.statuses: dict[str, Status] = {}
        self.calls: list[str] = []
        self.plan: list[WarehouseError | None] = []
        self.answer = Answer.ACCEPTED
        self.recipients: dict[str, Recipient] = {}

    def request(self, order: ShippingOrder) -> Status:
        self._called("request")
        known = self.orders.get(order.shipment)
        if known is None or known.revision < order.revision:
            self.orders[order.shipment] = order
            before = self.statuses.get(order.shipment)
            fresh = Status(order.shipment, Standing.RECEIVED, order.revision, 0)
            self.statuses[order.shipment] = (
                replace(
                    before,
                    standing=Standing.RECEIVED,
                    revision=order.revision,
                    short=(),
                )
                if before
                else fresh
            )
        return self.statuses[order.shipment]

    def status(self, shipment: str) -> Status:
        self._called("status")
        if shipment not in self.statuses:
            raise NotFound(shipment, "unknown_shipment")
        return self.statuses[shipment]

    def request_cancellation(self, shipment: str) -> Answer:
        self._called("cancel")
        if self.answer is Answer.ACCEPTED:
            self.change(shipment, standing=Standing.CANCELLED)
        return self.answer

    def cancel_rest(self, shipment: str) -> Answer:
        self._called("cancel_rest")
        if self.answer is Answer.ACCEPTED:
            self.change(shipment, standing=Standing.CANCELLED)
        return self.answer

    def change_recipient(
        self, shipment: str, recipient: Recipient, delivery: str
    ) -> Answer:
        del delivery
        self._called("change_recipient")
        self.recipients[shipment] = recipient
        return self.answer

    def changed_since(self, moment: datetime) -> Iterator[Status]:
        del moment
        self._called("list")
        return iter(list(self.statuses.values()))

    def change(self, shipment: str, **fields: Any) -> Status:
        """Change what it knows, without a report."""
        if shipment not in self.statuses:
            raise NotFound(shipment, "unknown_shipment")
        known = self.statuses[shipment]
        newer = replace(known, sequence=known.sequence + 1, **fields)
        self.statuses[shipment] = newer
        return newer

    def _called(self, call: str) -> None:
        self.calls.append(call)
        planned = self.plan.pop(0) if self.plan else None
        if planned:
            raise planned


def is_a_warehouse(fake: FakeWarehouse) -> Warehouse:
    """Return it as the port, which the type checker compares."""
    return fake


def body(kind: str, order: Order | Exchange, sequence: int, **data: Any) -> bytes:
    """Return a report's body; ``revision`` is 1 if it is not given."""
    content = {"shipment": order.number, "revision": 1, "sequence": sequence}
    message = {"type": f"shipment.{kind}", "data": content | data}
    return json.dumps(message).encode()


def tell(kind: str, order: Order | Exchange, sequence: int, **data: Any) -> bool:
    """Let the shop receive a report."""
    return reports.receive(f"msg_{next(_ids)}", body(kind, order, sequence, **data))


def box(number: int, units: dict[str, int]) -> dict[str, Any]:
    """Return a parcel of a report."""
    return {
        "id": f"box-{number}",
        "carrier": "yamato",
        "tracking_number": f"1234-5678-000{number}",
        "items": [{"sku": sku, "quantity": count} for sku, count in units.items()],
    }


def parcel_of(number: int, units: dict[str, int]) -> ParcelReport:
    items = tuple(Item(sku, count) for sku, count in units.items())
    return ParcelReport(f"box-{number}", "yamato", f"1234-5678-000{number}", items)


def shipping_of(order: Order | Exchange) -> Saga:
    return Saga.objects.get(definition=SHIPPING.name, reference=order.number)


def go_on(order: Order | Exchange) -> Saga:
    """Run the order's shipping saga as a worker does. Return it."""
    saga = shipping_of(order)
    run(saga.pk)
    saga.refresh_from_db()
    return saga


def later(
    order: Order | Exchange, clock: Clock, seconds: float, sweeps: int = 1
) -> Saga:
    """Let time pass and the sweeper look; return the saga."""
    for _sweep in range(sweeps):
        clock.shift(seconds)
        sweep()
        go_on(order)
    return shipping_of(order)
