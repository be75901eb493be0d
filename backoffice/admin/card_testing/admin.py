"""The list of internet addresses: cards tried from each, and tries refused."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkout.card_testing.models import Client
from checkout.card_testing.services import WINDOW
from orders.models import PaymentAttempt
from shop.read_only import ReadOnlyAdmin


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    list_display = ["address", "tried_at", "tries_now", "refusals", "refused_at"]
    list_filter = [("refused_at", admin.EmptyFieldListFilter)]
    search_fields = ["address"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        recent = PaymentAttempt.objects.filter(
            client=OuterRef("address"), created_at__gt=timezone.now() - WINDOW
        )
        counts = recent.order_by().values("client").annotate(count=Count("pk"))
        tries = Coalesce(Subquery(counts.values("count")), 0)
        clients: QuerySet[Client] = super().get_queryset(request)
        return clients.annotate(tries=tries)

    @admin.display(description=_("cards tried within the hour"), ordering="tries")
    def tries_now(self, client: Any) -> int:
        return int(client.tries)
