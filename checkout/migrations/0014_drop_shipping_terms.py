from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0013_make_a_method_of_the_terms'),
    ]

    operations = [
        migrations.DeleteModel(
            name='ShippingTerms',
        ),
        migrations.RemoveField(
            model_name='shippingzone',
            name='rate_minor',
        ),
    ]
