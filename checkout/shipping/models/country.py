"""The countries beside Japan to which the shop delivers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.shipping.models.zone import ShippingZone
from shop.catalogue.models import InShopWindow
from shop.countries import JAPAN, country_choices, country_name
from shop.database.money_column import MoneyColumn

# No country taxes sales at a higher rate.
HIGHEST_RATE = 50


class DeliveryCountry(models.Model):
    """A country that customers can choose, and what they pay there.

    Goods sent abroad are free of Japanese consumption tax (輸出免税). With a
    ``tax_name`` the shop collects a tax of the country, at a rate for each class of
    goods. Methods deliver there by their prices for its zone. Japan needs no row.
    """

    class Prices(models.TextChoices):
        NET = "net", _("without Japanese consumption tax")
        SAME = "same", _("the same as in Japan")

    code = models.CharField(
        _("country"), max_length=2, unique=True, choices=country_choices
    )
    zone = models.ForeignKey(
        ShippingZone,
        models.PROTECT,
        related_name="countries",
        verbose_name=_("shipping zone"),
        help_text=_(
            "Shipping methods that have a price for this zone deliver there, others "
            "do not."
        ),
    )
    prices = models.CharField(
        _("prices"),
        max_length=4,
        choices=Prices,
        default=Prices.NET,
        help_text=_(
            "Exports are free of Japanese consumption tax. Either customers pay the "
            "price without it, or the price stays the same and is yours."
        ),
    )
    tax_name = models.CharField(
        _("tax that you collect"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Such as VAT or GST, if you are registered for it there. Empty: none is "
            "collected, and the recipient pays what is due."
        ),
    )
    standard_rate = models.PositiveSmallIntegerField(
        _("its standard rate in percent"),
        null=True,
        blank=True,
        help_text=_("For goods of Japan's standard rate, and for shipping."),
    )
    reduced_rate = models.PositiveSmallIntegerField(
        _("its rate for goods of Japan's reduced rate"), null=True, blank=True
    )
    tax_up_to_minor = MoneyColumn(
        _("collected up to"),
        null=True,
        blank=True,
        help_text=_(
            "Value of the items without tax and shipping. Above it nothing is "
            "collected: customs ask the recipient. Empty: always collected."
        ),
    )
    tax_number = models.CharField(
        _("your number for it"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("Printed on receipts. Leave out one that only carriers may know."),
    )
    is_active = models.BooleanField(_("offered to customers"), default=True)

    class Meta:
        verbose_name = _("country we deliver to")
        verbose_name_plural = _("countries we deliver to")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(code=JAPAN), name="delivery_country_is_abroad"
            ),
            models.CheckConstraint(
                condition=Q(prices__in=["net", "same"]),
                name="delivery_country_prices_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    tax_name="", standard_rate__isnull=True, reduced_rate__isnull=True
                )
                | (
                    ~Q(tax_name="")
                    & Q(standard_rate__lte=HIGHEST_RATE, reduced_rate__lte=HIGHEST_RATE)
                    & Q(standard_rate__isnull=False, reduced_rate__isnull=False)
                ),
                name="delivery_country_tax_has_rates",
                violation_error_message=_(
                    "Enter the name of the tax and both rates, 0 to 50, or leave all "
                    "three empty."
                ),
            ),
            InShopWindow(name="delivery_country_in_shop_window"),
        ]

    def __str__(self) -> str:
        return country_name(self.code)
