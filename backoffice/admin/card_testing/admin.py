"""The list of internet addresses: cards from each of the last hour, and refusals."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from checkout.card_testing.limits import DECLINED, WINDOW
from checkout.card_testing.models import Client
from orders.models import PaymentAttempt
from shop.database_clock import Now
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    list_display = [
        "address",
        "tried_at",
        "tries_now",
        "declined_now",
        "refusals",
        "refused_at",
        "alarmed_at",
    ]
    list_filter = [
        ("refused_at", admin.EmptyFieldListFilter),
        ("alarmed_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["address"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        clients: QuerySet[Client] = super().get_queryset(request)
        return clients.annotate(tries=_recent(Q()), declined=_recent(DECLINED))

    @admin.display(description=_("cards tried within the hour"), ordering="tries")
    def tries_now(self, client: Any) -> int:
        return int(client.tries)

    @admin.display(description=_("of these declined"), ordering="declined")
    def declined_now(self, client: Any) -> int:
        return int(client.declined)


def _recent(counted: Q) -> Combinable:
    """Return how many attempts of the last hour came from an address or network."""
    rows = PaymentAttempt.objects.filter(
        counted, created_at__gt=Now(-WINDOW)
    ).order_by()
    counts = [
        rows.filter(**{field: OuterRef("address")})
        .values(field)
        .annotate(count=Count("pk"))
        .values("count")
        for field in ("client", "network")
    ]
    return Coalesce(*(Subquery(count) for count in counts), 0)
