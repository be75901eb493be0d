from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0003_next_deliveries'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_next_idx',
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_due_idx',
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['consumer', 'due_at', 'event'], name='delivery_due_idx'),
        ),
    ]
