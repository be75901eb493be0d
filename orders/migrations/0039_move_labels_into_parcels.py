"""Make one parcel of every exchange that was sent, with its label and its contents."""

from itertools import islice

from django.db import migrations
from django.db.models import F

BATCH = 500


def move(apps, schema_editor):
    exchanges = apps.get_model("orders", "Exchange").objects
    sent = exchanges.filter(status="sent", parcel_count=0)
    for batch in _batches(sent.order_by("pk").iterator(BATCH)):
        _make_parcels(apps, batch)


def move_back(apps, schema_editor):
    exchanges = apps.get_model("orders", "Exchange").objects
    changes = apps.get_model("orders", "OrderChange").objects
    parcels = apps.get_model("orders", "Parcel").objects.exclude(exchange=None)
    for parcel in parcels.filter(number=1).order_by("pk").iterator(BATCH):
        exchanges.filter(pk=parcel.exchange_id).update(
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            delivered_at=parcel.delivered_at,
            parcel_count=0,
        )
    for parcel in parcels.order_by("pk").iterator(BATCH):
        changes.filter(parcel=parcel.pk).update(
            exchange=parcel.exchange_id, parcel=None
        )
    parcels.all().delete()
    apps.get_model("orders", "ReturnLine").objects.exclude(resent=0).update(resent=0)


def _make_parcels(apps, exchanges):
    parcels = apps.get_model("orders", "Parcel")
    changes = apps.get_model("orders", "OrderChange").objects
    made = {
        exchange.returned_id: parcels(
            exchange=exchange,
            number=1,
            carrier=exchange.carrier,
            tracking_number=exchange.tracking_number,
            dispatched_at=exchange.sent_at,
            delivered_at=exchange.delivered_at,
        )
        for exchange in exchanges
    }
    parcels.objects.bulk_create(made.values())
    rows = apps.get_model("orders", "ReturnLine").objects
    again = rows.filter(returned__in=list(made), exchanged__gt=0)
    lines = apps.get_model("orders", "ParcelLine")
    lines.objects.bulk_create(
        lines(
            parcel=made[row.returned_id],
            line_id=row.line_id,
            substitute_id=row.substitute_id,
            quantity=row.exchanged,
        )
        for row in again.order_by("pk")
    )
    again.update(resent=F("exchanged"))
    for parcel in made.values():
        changes.filter(exchange=parcel.exchange_id).update(
            parcel=parcel.pk, exchange=None
        )
    pks = [exchange.pk for exchange in exchanges]
    sent = apps.get_model("orders", "Exchange").objects.filter(pk__in=pks)
    sent.update(parcel_count=1)


def _batches(rows):
    while batch := list(islice(rows, BATCH)):
        yield batch


class Migration(migrations.Migration):
    dependencies = [("orders", "0038_exchange_parcels")]

    operations = [migrations.RunPython(move, move_back)]
