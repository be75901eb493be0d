from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0002_outages'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['consumer', 'event'], name='delivery_next_idx'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'dead')), fields=['consumer', 'ended_at'], name='delivery_dead_idx'),
        ),
    ]
