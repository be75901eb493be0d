"""One shipping method with the prices that the shop asked until now.

Without a row of terms the shop asked 600, and nothing from 5,000 on.
"""

from django.db import migrations

FLAT, FREE_FROM = 600, 5000


def make_method(apps, schema_editor):
    rows = apps.get_model("checkout", "ShippingTerms").objects.values_list(
        "flat_minor", "free_from_minor"
    )
    flat, free_from = rows.first() or (FLAT, FREE_FROM)
    method = apps.get_model("checkout", "ShippingMethod").objects.create(
        name_en="Standard delivery", name_ja="通常配送", free_from_minor=free_from
    )
    rates = apps.get_model("checkout", "ShippingRate").objects
    rates.create(method=method, rate_minor=flat)
    for zone in apps.get_model("checkout", "ShippingZone").objects.all():
        rates.create(method=method, zone=zone, rate_minor=zone.rate_minor)


class Migration(migrations.Migration):

    dependencies = [
        ("checkout", "0012_add_shipping_methods"),
    ]

    operations = [migrations.RunPython(make_method, migrations.RunPython.noop)]
