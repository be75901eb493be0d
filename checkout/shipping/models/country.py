"""The countries beside Japan to which the shop delivers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.shipping.models.zone import ShippingZone
from shop.catalogue.models import InShopWindow
from shop.countries import JAPAN, country_choices, country_name


class DeliveryCountry(models.Model):
    """A country that customers can choose, and what they pay there.

    Goods sent abroad are free of Japanese consumption tax (輸出免税). Methods deliver
    there by their prices for its zone. Japan needs no row.
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
            InShopWindow(name="delivery_country_in_shop_window"),
        ]

    def __str__(self) -> str:
        return country_name(self.code)
