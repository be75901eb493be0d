"""Shipping: the methods that customers choose from, and the zones of prefectures."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.admin.shipping_rates.forms import RateRows
from checkout.shipping.models import (
    DeliveryCountry,
    PickupPlace,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    SpecialDay,
    UnservedPrefecture,
    WorkingCalendar,
    ZonePrefecture,
    ZoneTransit,
)
from checkout.shipping.table import read_table
from shop.formatting import price
from shop.forms.inline_rows import LabelledRows, ListRows
from shop.money import Money

if TYPE_CHECKING:
    PrefectureTable = admin.TabularInline[ZonePrefecture, ShippingZone]
    RateTable = admin.TabularInline[ShippingRate, ShippingMethod]
    UnservedTable = admin.TabularInline[UnservedPrefecture, ShippingMethod]
    TransitTable = admin.TabularInline[ZoneTransit, ShippingMethod]
    PlaceRows = admin.StackedInline[PickupPlace, ShippingMethod]
    CalendarPages = admin.ModelAdmin[WorkingCalendar]
    DayPages = admin.ModelAdmin[SpecialDay]
    CountryPages = admin.ModelAdmin[DeliveryCountry]
    ZonePages = admin.ModelAdmin[ShippingZone]
    MethodPages = admin.ModelAdmin[ShippingMethod]
else:
    PrefectureTable = RateTable = UnservedTable = admin.TabularInline
    TransitTable = admin.TabularInline
    PlaceRows = admin.StackedInline
    ZonePages = MethodPages = CalendarPages = DayPages = admin.ModelAdmin
    CountryPages = admin.ModelAdmin


class PrefectureInline(PrefectureTable):
    model = ZonePrefecture
    formset = LabelledRows
    extra = 1


@admin.register(ShippingZone)
class ShippingZoneAdmin(ZonePages):
    """Zones of prefectures, for which methods have prices of their own.

    A prefecture belongs to at most one zone.
    """

    list_display = ["name", "prefecture_count", "position"]
    list_editable = ["position"]
    inlines = [PrefectureInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        rows = super().get_queryset(request)
        return rows.annotate(prefecture_total=Count("prefectures"))

    def get_changelist_formset(self, request: HttpRequest, **options: Any) -> Any:
        """Name the fields of the list for screen readers."""
        return super().get_changelist_formset(request, formset=ListRows, **options)

    @admin.display(description=_("prefectures"), ordering="prefecture_total")
    def prefecture_count(self, zone: ShippingZone) -> int:
        return int(getattr(zone, "prefecture_total", 0))


class RateInline(RateTable):
    model = ShippingRate
    formset = RateRows
    fields = ["zone", "up_to", "rate_minor"]
    extra = 0
    min_num = 1


class PlaceInline(PlaceRows):
    model = PickupPlace
    fields = [
        *("name_en", "name_ja", "address_en", "address_ja", "hours_en", "hours_ja"),
        *("position", "is_active"),
    ]
    extra = 0


class UnservedInline(UnservedTable):
    model = UnservedPrefecture
    formset = LabelledRows
    extra = 0


class TransitInline(TransitTable):
    model = ZoneTransit
    formset = LabelledRows
    extra = 0


@admin.register(ShippingMethod)
class ShippingMethodAdmin(MethodPages):
    list_display = [
        *("name_en", "name_ja", "kind", "carrier"),
        *("prices", "free_from", "is_active"),
    ]
    list_display_links = ["name_en", "name_ja"]
    inlines = [RateInline, PlaceInline, TransitInline, UnservedInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name_en", "name_ja"),
                    ("kind", "carrier"),
                    ("position", "is_active"),
                ]
            },
        ),
        (
            _("Prices and limits"),
            {"fields": ["basis", "free_from_minor", "most_grams"]},
        ),
        (_("Delivery time"), {"fields": [("days_from", "days_to"), "days_to_choose"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        return super().get_queryset(request).prefetch_related("rates")

    @admin.display(description=_("price"))
    def prices(self, method: ShippingMethod) -> str:
        amounts = sorted({rate.rate_minor for rate in method.rates.all()})
        if not amounts:
            return "-"
        ends = dict.fromkeys([amounts[0], amounts[-1]])
        return " - ".join(_price(amount) for amount in ends)

    @admin.display(description=_("free from"), ordering="free_from_minor")
    def free_from(self, method: ShippingMethod) -> str:
        if method.free_from_minor is None:
            return str(_("never free"))
        return _price(method.free_from_minor)


@admin.register(WorkingCalendar)
class WorkingCalendarAdmin(CalendarPages):
    """The only row of working days: it can be added once, then changed."""

    list_display = ["__str__", "cut_off", "handling_days", "is_closed_on_holidays"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("monday", "tuesday", "wednesday", "thursday", "friday"),
                    ("saturday", "sunday"),
                    "is_closed_on_holidays",
                    "cut_off",
                    "handling_days",
                ]
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        allowed = super().has_add_permission(request)
        return allowed and not WorkingCalendar.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Without its row the shop would promise by defaults that nobody has chosen."""
        return False

    def save_model(
        self, request: HttpRequest, obj: WorkingCalendar, form: object, change: object
    ) -> None:
        """Save the row with the primary key 1, which a constraint requires."""
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(SpecialDay)
class SpecialDayAdmin(DayPages):
    list_display = ["day", "is_working", "note"]
    date_hierarchy = "day"


@admin.register(DeliveryCountry)
class DeliveryCountryAdmin(CountryPages):
    """Where the shop delivers beside Japan, and what customers there pay."""

    list_display = ["name", "zone", "prices", "collected", "methods", "is_active"]
    list_select_related = ["zone"]
    fieldsets = [
        (None, {"fields": ["code", "zone", "prices", "is_active"]}),
        (
            _("Tax of the country"),
            {
                "fields": [
                    "tax_name",
                    ("standard_rate", "reduced_rate"),
                    ("tax_up_to_minor", "tax_number"),
                ],
                "description": _(
                    "Only if you collect it yourself. Prices of shipping for the zone "
                    "include it."
                ),
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeliveryCountry]:
        rows = super().get_queryset(request)
        return rows.prefetch_related("zone__rates__method")

    @admin.display(description=_("country"), ordering="code")
    def name(self, country: DeliveryCountry) -> str:
        return str(country)

    @admin.display(description=_("tax collected"))
    def collected(self, country: DeliveryCountry) -> str:
        if not country.tax_name:
            return str(_("none"))
        rates = f"{country.standard_rate} %, {country.reduced_rate} %"
        return f"{country.tax_name} {rates}"

    @admin.display(description=_("shipping methods"))
    def methods(self, country: DeliveryCountry) -> str:
        """Name the methods by which customers there can order; without any, none."""
        table, _now = read_table()
        reaching = {
            method.id
            for method in table.methods
            if any(rate.zone == country.zone_id for rate in method.rates)
        }
        named = set()
        for rate in country.zone.rates.all():
            method = rate.method
            if method.is_active and method.kind == ShippingMethod.Kind.DELIVERY:
                lacking = _("%(method)s: enter its transit times to this zone")
                reaches = method.pk in reaching
                named.add(str(method) if reaches else lacking % {"method": method})
        return ", ".join(sorted(named)) or str(_("none: customers cannot choose it"))


def _price(minor: int) -> str:
    return price(Money(minor, settings.CURRENCY))
