"""Count what disputes have taken back of the charges that are disputed already."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery, Sum


def count(apps, schema_editor):
    payments = apps.get_model("orders", "Payment")
    taken = (
        apps.get_model("orders", "Dispute")
        .objects.filter(
            payment=OuterRef("pk"),
            status__in=["needs_response", "under_review", "lost"],
            is_inquiry=False,
            currency=OuterRef("currency"),
        )
        .order_by()
        .values("payment")
        .annotate(minor=Sum("amount_minor"))
    )
    disputed = payments.objects.filter(disputes__isnull=False).values("pk")
    payments.objects.filter(pk__in=disputed).annotate(
        taken=Subquery(taken.values("minor"))
    ).filter(taken__isnull=False).update(disputed_minor=F("taken"))


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_say_what_money_is_possible")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
