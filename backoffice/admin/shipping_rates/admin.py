"""Shipping rates: zones of prefectures, the flat rate, and when shipping is free."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from checkout.cart.models import ShippingTerms, ShippingZone, ZonePrefecture
from shop.formatting import price
from shop.money import Money

if TYPE_CHECKING:
    PrefectureTable = admin.TabularInline[ZonePrefecture, ShippingZone]
    ZonePages = admin.ModelAdmin[ShippingZone]
    TermsPages = admin.ModelAdmin[ShippingTerms]
else:
    PrefectureTable = admin.TabularInline
    ZonePages = TermsPages = admin.ModelAdmin


class PrefectureInline(PrefectureTable):
    model = ZonePrefecture
    extra = 1


@admin.register(ShippingZone)
class ShippingZoneAdmin(ZonePages):
    """Zones and their rates.

    A prefecture belongs to at most one zone; all others pay the flat rate.
    """

    list_display = ["name", "rate", "prefecture_count", "position"]
    list_editable = ["position"]
    inlines = [PrefectureInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        rows = super().get_queryset(request)
        return rows.annotate(prefecture_total=Count("prefectures"))

    @admin.display(description=_("rate"), ordering="rate_minor")
    def rate(self, zone: ShippingZone) -> str:
        return _price(zone.rate_minor)

    @admin.display(description=_("prefectures"), ordering="prefecture_total")
    def prefecture_count(self, zone: ShippingZone) -> int:
        return int(getattr(zone, "prefecture_total", 0))


@admin.register(ShippingTerms)
class ShippingTermsAdmin(TermsPages):
    """The only row of shipping terms: it can be added once, then changed."""

    list_display = ["__str__", "flat", "free_from"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return (
            super().has_add_permission(request) and not ShippingTerms.objects.exists()
        )

    def save_model(
        self, request: HttpRequest, obj: ShippingTerms, form: object, change: object
    ) -> None:
        """Save the row with the primary key 1, which a constraint requires."""
        obj.pk = 1
        super().save_model(request, obj, form, change)

    @admin.display(description=_("flat rate"))
    def flat(self, terms: ShippingTerms) -> str:
        return _price(terms.flat_minor)

    @admin.display(description=_("free from"))
    def free_from(self, terms: ShippingTerms) -> str:
        if terms.free_from_minor is None:
            return str(_("never free"))
        return _price(terms.free_from_minor)


def _price(minor: int) -> str:
    return price(Money(minor, settings.CURRENCY))
