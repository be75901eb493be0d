"""The days on which the shop works, and the transit times by zone."""

from datetime import time

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from checkout.shipping.models.method import MOST_DAYS, ShippingMethod
from checkout.shipping.models.zone import ShippingZone
from shop.catalogue.models import InShopWindow


class WorkingCalendar(models.Model):
    """The days of the week on which the shop hands parcels over, and until when.

    One row; without it the defaults below apply.
    """

    monday = models.BooleanField(_("Monday"), default=True)
    tuesday = models.BooleanField(_("Tuesday"), default=True)
    wednesday = models.BooleanField(_("Wednesday"), default=True)
    thursday = models.BooleanField(_("Thursday"), default=True)
    friday = models.BooleanField(_("Friday"), default=True)
    saturday = models.BooleanField(_("Saturday"), default=False)
    sunday = models.BooleanField(_("Sunday"), default=False)
    is_closed_on_holidays = models.BooleanField(
        _("closed on Japanese national holidays"), default=True
    )
    cut_off = models.TimeField(
        _("order by"),
        default=time(23, 59),
        help_text=_("In the shop's time zone. Later orders count for the next day."),
    )
    handling_days = models.PositiveSmallIntegerField(
        _("days of handling"),
        default=1,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("Working days until the parcel is handed over. 0: the same day."),
    )

    class Meta:
        verbose_name = _("working days")
        verbose_name_plural = _("working days")
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1), name="working_calendar_single_row"
            ),
            models.CheckConstraint(
                condition=Q(monday=True)
                | Q(tuesday=True)
                | Q(wednesday=True)
                | Q(thursday=True)
                | Q(friday=True)
                | Q(saturday=True)
                | Q(sunday=True),
                name="working_calendar_has_a_day",
                violation_error_message=_("Choose at least one working day."),
            ),
            InShopWindow(name="working_calendar_in_shop_window"),
        ]

    def __str__(self) -> str:
        return str(_("Working days"))

    @property
    def weekdays(self) -> frozenset[int]:
        """Return the working days of the week, Monday being 0."""
        week = (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )
        return frozenset(number for number, works in enumerate(week) if works)


class SpecialDay(models.Model):
    """A day on which the shop is closed, or works, other than the week says."""

    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField(
        _("working day"),
        default=False,
        help_text=_("Off: closed. On: a working day, even on a holiday."),
    )
    note = models.CharField(_("note"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["day"]
        constraints = [InShopWindow(name="special_day_in_shop_window")]

    def __str__(self) -> str:
        return self.day.isoformat()


class ZoneTransit(models.Model):
    """How long a method takes to a zone, where it differs from the usual."""

    method = models.ForeignKey(
        ShippingMethod,
        models.CASCADE,
        related_name="transits",
        verbose_name=_("shipping method"),
    )
    zone = models.ForeignKey(
        ShippingZone,
        models.CASCADE,
        related_name="transits",
        verbose_name=_("shipping zone"),
    )
    days_from = models.PositiveSmallIntegerField(
        _("days in transit, at least"), validators=[MaxValueValidator(MOST_DAYS)]
    )
    days_to = models.PositiveSmallIntegerField(
        _("days in transit, at most"), validators=[MaxValueValidator(MOST_DAYS)]
    )

    class Meta:
        verbose_name = _("transit time of a zone")
        verbose_name_plural = _("transit times by zone")
        constraints = [
            models.UniqueConstraint(
                fields=["method", "zone"], name="zone_transit_once_per_method"
            ),
            models.CheckConstraint(
                condition=Q(days_from__lte=F("days_to")),
                name="zone_transit_days_in_order",
                violation_error_message=_("At most must not be less than at least."),
            ),
            InShopWindow(name="zone_transit_in_shop_window"),
        ]

    def __str__(self) -> str:
        return f"{self.days_from} - {self.days_to}"
