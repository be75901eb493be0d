"""How a report changes what is known of a shipping order. Pure functions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from checkout.aftersales.warehouse.messages import Kind, Report
from checkout.aftersales.warehouse.port import Item, Standing, Status

_STANDINGS = {
    Kind.ACCEPTED: Standing.ACCEPTED,
    Kind.REJECTED: Standing.REJECTED,
    Kind.PICKED: Standing.IN_PROGRESS,
    Kind.PACKED: Standing.IN_PROGRESS,
    Kind.SHORT: Standing.SHORT,
    Kind.DELIVERED: Standing.DELIVERED,
    Kind.RETURNED: Standing.RETURNED,
    Kind.CANCELLED: Standing.CANCELLED,
}
# About the lines of one revision: for a later one they say nothing.
_OF_A_REVISION = (Kind.ACCEPTED, Kind.REJECTED, Kind.PICKED, Kind.PACKED, Kind.SHORT)


def advanced(known: Status, report: Report, asked: Iterable[Item]) -> Status:
    """Return what is known after a report. ``asked`` is all that was requested."""
    newer = replace(known, sequence=report.sequence)
    if report.kind in _OF_A_REVISION and report.revision < known.revision:
        return newer
    if report.kind is Kind.CANCELLATION_REFUSED:
        return replace(newer, reason=report.reason)
    if report.kind is Kind.SHIPPED:
        return _with_parcel(newer, report, asked)
    return replace(
        newer,
        standing=_STANDINGS[report.kind],
        reason=report.reason,
        short=report.items if report.kind is Kind.SHORT else (),
    )


def units(items: Iterable[Item]) -> Counter[str]:
    """Return SKU -> units."""
    total: Counter[str] = Counter()
    for item in items:
        total[item.sku] += item.quantity
    return total


def sent(status: Status) -> Counter[str]:
    """Return SKU -> units that have left in parcels."""
    return units(item for parcel in status.parcels for item in parcel.items)


def _with_parcel(known: Status, report: Report, asked: Iterable[Item]) -> Status:
    parcels = known.parcels
    if report.parcel and report.parcel.id not in {one.id for one in parcels}:
        parcels = (*parcels, report.parcel)
    newer = replace(known, parcels=parcels, standing=Standing.IN_PROGRESS, reason="")
    is_all = not units(asked) - sent(newer)
    return replace(newer, standing=Standing.SHIPPED) if is_all else newer
