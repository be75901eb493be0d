"""Let the history of prices begin with what is asked now."""

from django.db import migrations

BEGIN = """
INSERT INTO catalogue_pricechange
    (product_id, sku, price_minor, sale_minor, sale_from, sale_until, currency,
     changed_at, actor)
SELECT product_id, sku, price_minor, sale_minor, sale_from, sale_until, currency,
    CURRENT_TIMESTAMP, ''
FROM catalogue_variant ORDER BY id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0010_sale_prices'),
    ]

    operations = [
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
    ]
