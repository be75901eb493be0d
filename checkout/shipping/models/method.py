"""Shipping methods and their prices."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from checkout.shipping.models.zone import ShippingZone
from checkout.shipping.prefectures import Prefecture
from orders.models import Carrier
from shop.catalogue.models import InShopWindow, in_language
from shop.database.money_column import MoneyColumn
from shop.money import Money

MOST_DAYS = 60


class ShippingMethod(models.Model):
    """A way in which customers get their goods: sent by a carrier, or picked up."""

    class Basis(models.TextChoices):
        WEIGHT = "weight", _("weight of the items, in grams")
        AMOUNT = "amount", _("price of the items")

    class Kind(models.TextChoices):
        DELIVERY = "delivery", _("delivery by a carrier")
        PICKUP = "pickup", _("pick-up at a place")

    name_en = models.CharField(_("name (English)"), max_length=80)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80)
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=Kind,
        default=Kind.DELIVERY,
        help_text=_(
            "Pick-up: customers choose one of the places below. No address is asked, "
            "and the carrier means nothing."
        ),
    )
    carrier = models.CharField(
        _("carrier"), max_length=10, choices=Carrier, default=Carrier.YAMATO
    )
    basis = models.CharField(
        _("limits of the prices"),
        max_length=6,
        choices=Basis,
        default=Basis.WEIGHT,
        help_text=_("What “up to” means in the prices below."),
    )
    free_from_minor = MoneyColumn(
        _("free from"),
        default=5000,
        null=True,
        blank=True,
        help_text=_("Items of at least this amount ship free. Empty: never free."),
    )
    most_grams = models.PositiveIntegerField(
        _("heaviest order in grams"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The method is not offered for heavier orders. Empty: no limit."),
    )
    days_from = models.PositiveSmallIntegerField(
        _("days in transit, at least"),
        default=2,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("From the hand-over to the delivery. Zones can differ, below."),
    )
    days_to = models.PositiveSmallIntegerField(
        _("days in transit, at most"),
        default=4,
        validators=[MaxValueValidator(MOST_DAYS)],
    )
    days_to_choose = models.PositiveSmallIntegerField(
        _("delivery days to choose from"),
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_(
            "From the last promised day on. Customers can also choose among the "
            "carrier's time slots. 0: they choose neither."
        ),
    )
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=0,
        help_text=_("The first method is the one that product pages and carts show."),
    )
    is_active = models.BooleanField(_("offered to customers"), default=True)

    class Meta:
        verbose_name = _("shipping method")
        verbose_name_plural = _("shipping methods")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(basis__in=["weight", "amount"]),
                name="shipping_method_basis_known",
            ),
            models.CheckConstraint(
                condition=Q(days_from__lte=F("days_to")),
                name="shipping_method_days_in_order",
                violation_error_message=_("At most must not be less than at least."),
            ),
            models.CheckConstraint(
                condition=Q(kind="delivery") | Q(kind="pickup", days_to_choose=0),
                name="shipping_method_kind_known",
                violation_error_message=_(
                    "A pick-up has no delivery days to choose from: enter 0."
                ),
            ),
            InShopWindow(name="shipping_method_in_shop_window"),
        ]

    def __str__(self) -> str:
        return in_language(self, "name")


class ShippingRate(models.Model):
    """A price of a method: for a zone or all other prefectures, up to a limit."""

    method = models.ForeignKey(
        ShippingMethod,
        models.CASCADE,
        related_name="rates",
        verbose_name=_("shipping method"),
    )
    zone = models.ForeignKey(
        ShippingZone,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="rates",
        verbose_name=_("shipping zone"),
        help_text=_("Empty: everywhere that has no price of its own."),
    )
    up_to = models.PositiveIntegerField(
        _("up to"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit."),
    )
    rate_minor = MoneyColumn(_("price"))

    class Meta:
        verbose_name = _("price of a shipping method")
        verbose_name_plural = _("prices of a shipping method")
        ordering = ["zone__position", "zone_id", "up_to", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["method", "zone", "up_to"],
                condition=Q(zone__isnull=False, up_to__isnull=False),
                name="shipping_rate_once_per_zone_and_limit",
            ),
            models.UniqueConstraint(
                fields=["method", "zone"],
                condition=Q(zone__isnull=False, up_to=None),
                name="shipping_rate_once_per_zone",
            ),
            models.UniqueConstraint(
                fields=["method", "up_to"],
                condition=Q(zone=None, up_to__isnull=False),
                name="shipping_rate_once_per_limit",
            ),
            models.UniqueConstraint(
                fields=["method"],
                condition=Q(zone=None, up_to=None),
                name="shipping_rate_once_for_all_others",
            ),
            InShopWindow(name="shipping_rate_in_shop_window"),
        ]

    def __str__(self) -> str:
        return str(Money(self.rate_minor, settings.CURRENCY))


class UnservedPrefecture(models.Model):
    """A prefecture to which a method does not deliver."""

    method = models.ForeignKey(
        ShippingMethod,
        models.CASCADE,
        related_name="unserved",
        verbose_name=_("shipping method"),
    )
    prefecture = models.CharField(_("prefecture"), max_length=20, choices=Prefecture)

    class Meta:
        verbose_name = _("prefecture not served")
        verbose_name_plural = _("prefectures not served")
        constraints = [
            models.UniqueConstraint(
                fields=["method", "prefecture"], name="unserved_prefecture_once"
            ),
            InShopWindow(name="unserved_prefecture_in_shop_window"),
        ]

    def __str__(self) -> str:
        return self.get_prefecture_display()
