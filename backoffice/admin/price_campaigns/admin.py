"""Price campaigns: entering one starts its flow."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.db.models import DateTimeField
from django.forms import SplitDateTimeField
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.admin.flows.links import link_to_flow
from flows.price_campaign.definition import FLOW, PRICE_CAMPAIGN
from flows.price_campaign.models import CampaignPrice, PriceCampaign
from flows.services import start_flow
from shop.formatting import price
from shop.forms.inline_rows import LabelledDateTime
from shop.forms.read_only import ReadOnlyInline, first_rows
from shop.money import Money


class PriceInline(ReadOnlyInline):
    model = CampaignPrice
    fields = ["sku", "regular", "reduced"]
    readonly_fields = ["regular", "reduced"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return first_rows(super().get_queryset(request), request, "campaign")

    @admin.display(description=_("price"))
    def regular(self, row: CampaignPrice) -> str:
        return price(Money(row.price_minor, settings.CURRENCY))

    @admin.display(description=_("sale price"))
    def reduced(self, row: CampaignPrice) -> str:
        return price(Money(row.sale_minor, settings.CURRENCY))


@admin.register(PriceCampaign)
class PriceCampaignAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Entered once; to end it before its time, its flow is cancelled."""

    list_display = ["name", "percent", "begins_at", "ends_at", "started_by", "run"]
    fields = ["name", "percent", "begins_at", "ends_at", "categories", "products"]
    formfield_overrides = {
        DateTimeField: {"form_class": SplitDateTimeField, "widget": LabelledDateTime}
    }

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perm(
            FLOW.permission
        )

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return [PriceInline] if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.fields, *(["started_by", "run"] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["started_by", "run"]

    def save_model(
        self, request: HttpRequest, obj: PriceCampaign, form: Any, change: Any
    ) -> None:
        obj.started_by = request.user.get_username()
        super().save_model(request, obj, form, change)

    @transaction.atomic
    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: Any
    ) -> None:
        """Start the flow when the chosen products are stored, in one transaction."""
        super().save_related(request, form, formsets, change)
        campaign: PriceCampaign = form.instance
        start_flow(FLOW, str(campaign.pk), {"by": campaign.started_by})

    @admin.display(description=_("flow"))
    def run(self, campaign: PriceCampaign) -> SafeString | str:
        return link_to_flow(PRICE_CAMPAIGN.name, campaign.pk)
