"""What the warehouse reports missing goes to the desk that staff have for it."""

import uuid
from datetime import date

from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.warehouse.models import WarehouseOrder
from checkout.aftersales.warehouse.port import Item
from checkout.aftersales.warehouse.progress import units
from checkout.aftersales.warehouse.shipping.contents import allocate
from orders.errors import RefundRefused, ShortageRefused
from orders.models import Order, Shortage
from orders.parcels import due
from orders.transitions.shortages import Report
from saga.errors import ManualIntervention

# Who found it, in the desk's list.
WAREHOUSE_ACTOR = "warehouse"
_NO_DATE: date | None = None


def record(order: Order, row: WarehouseOrder) -> None:
    """Hand the missing items to the desk, which holds the parcel back. Twice is once.

    Raises ManualIntervention if the desk cannot take them.
    """
    short = [Item(**one) for one in row.short]
    report = Report(
        uid=_uid(order, row),
        items=allocate(due(order), units(short)),
        expected_on=_NO_DATE,
        actor=WAREHOUSE_ACTOR,
        note="reported by the warehouse",
    )
    try:
        shortages.record(order, report, shelf_is_empty=False)
    except (RefundRefused, ShortageRefused) as error:
        message = f"the warehouse reports missing items, and: {error}"
        raise ManualIntervention(message) from error


def is_settled(order: Order, row: WarehouseOrder) -> bool:
    """Return whether the desk has decided about what this revision is short of."""
    found = Shortage.objects.filter(uid=_uid(order, row)).first()
    return found is not None and not found.is_unsettled


def _uid(order: Order, row: WarehouseOrder) -> uuid.UUID:
    """Return the same id for the same report: it makes one shortage."""
    return uuid.uuid5(order.uid, f"short at the warehouse, revision {row.revision}")
