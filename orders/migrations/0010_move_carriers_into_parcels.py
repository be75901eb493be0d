"""Make one parcel of every shipment that left, with its carrier and its contents."""

from collections import Counter
from itertools import islice

from django.db import migrations
from django.db.models import F, Q

BATCH = 500


def move(apps, schema_editor):
    shipments = apps.get_model("orders", "Shipment")
    left = shipments.objects.filter(status="dispatched", parcel_count=0)
    for batch in _batches(left.order_by("pk").iterator(BATCH)):
        _make_parcels(apps, batch)


def move_back(apps, schema_editor):
    shipments = apps.get_model("orders", "Shipment")
    first = apps.get_model("orders", "Parcel").objects.filter(number=1)
    for parcel in first.order_by("pk").iterator(BATCH):
        shipments.objects.filter(pk=parcel.shipment_id).update(
            carrier=parcel.carrier, tracking_number=parcel.tracking_number
        )


def _make_parcels(apps, shipments):
    parcels = apps.get_model("orders", "Parcel")
    lines = apps.get_model("orders", "ParcelLine")
    made = {
        shipment.order_id: parcels(
            shipment=shipment,
            number=1,
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
            dispatched_at=shipment.dispatched_at,
        )
        for shipment in shipments
    }
    parcels.objects.bulk_create(made.values())
    times = {shipment.order_id: shipment.dispatched_at for shipment in shipments}
    lines.objects.bulk_create(
        lines(parcel=made[order], line_id=line, substitute_id=each, quantity=units)
        for order, line, each, units in (
            *_own(apps, times),
            *_substitutes(apps, times),
        )
    )
    pks = [shipment.pk for shipment in shipments]
    apps.get_model("orders", "Shipment").objects.filter(pk__in=pks).update(
        parcel_count=1
    )


def _own(apps, times):
    """Count what left of each line; what came back later had left, too."""
    rows = apps.get_model("orders", "OrderLine").objects
    came_back = _came_back(apps, times)
    for line in rows.filter(order__in=times).order_by("pk"):
        units = line.quantity - line.restocked + came_back[line.pk]
        units = max(0, min(units, line.quantity))
        if units:
            rows.filter(pk=line.pk).update(shipped=units)
            yield line.order_id, line.pk, None, units


def _substitutes(apps, times):
    rows = apps.get_model("orders", "Substitute").objects
    sent = rows.filter(
        place__shortage__order__in=times,
        place__shortage__choice="substitute",
        restocked__lt=F("quantity"),
    ).select_related("place__shortage")
    for each in sent.order_by("pk"):
        units = each.quantity - each.restocked
        rows.filter(pk=each.pk).update(shipped=units)
        yield each.place.shortage.order_id, each.place.line_id, each.pk, units


def _came_back(apps, times):
    """Count the units by line that refunds put into stock after the dispatch."""
    counted = apps.get_model("orders", "RefundLine").objects.filter(
        ~Q(refund__status="failed") | Q(refund__succeeded_at__isnull=False),
        restock=True,
        line__order__in=times,
    )
    units = Counter()
    for row in counted.select_related("refund", "line"):
        if row.refund.requested_at > times[row.line.order_id]:
            units[row.line_id] += row.quantity
    return units


def _batches(rows):
    while batch := list(islice(rows, BATCH)):
        yield batch


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_parcels")]

    operations = [migrations.RunPython(move, move_back)]
