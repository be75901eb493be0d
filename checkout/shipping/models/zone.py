"""Zones of prefectures."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from checkout.shipping.prefectures import Prefecture
from shop.catalogue.models import InShopWindow


class ShippingZone(models.Model):
    """Some prefectures that have prices of their own."""

    name = models.CharField(_("name"), max_length=50, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class ZonePrefecture(models.Model):
    zone = models.ForeignKey(
        ShippingZone,
        models.CASCADE,
        related_name="prefectures",
        verbose_name=_("shipping zone"),
    )
    prefecture = models.CharField(
        _("prefecture"), max_length=20, choices=Prefecture, unique=True
    )

    class Meta:
        verbose_name = _("prefecture of a zone")
        verbose_name_plural = _("prefectures of a zone")
        constraints = [InShopWindow(name="zone_prefecture_in_shop_window")]

    def __str__(self) -> str:
        return self.get_prefecture_display()
