"""Write what the units of older refunds had cost: their price, without a discount."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def write_prices(apps, _schema_editor):
    lines = apps.get_model("orders", "OrderLine").objects.filter(pk=OuterRef("line"))
    price = lines.values("unit_minor")[:1]
    rows = apps.get_model("orders", "RefundLine").objects.filter(paid_minor=0)
    rows.update(paid_minor=F("quantity") * Subquery(price))


class Migration(migrations.Migration):
    dependencies = [("orders", "0026_discounts")]

    operations = [migrations.RunPython(write_prices, migrations.RunPython.noop)]
