"""The places at which customers pick their orders up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from checkout.shipping.models.method import ShippingMethod
from shop.catalogue.models import InShopWindow, in_language


class PickupPlace(models.Model):
    """A place of a method of the kind pick-up, which has its price and its days.

    Orders keep copies of its texts in their language, so it may be deleted.
    """

    method = models.ForeignKey(
        ShippingMethod,
        models.CASCADE,
        related_name="places",
        verbose_name=_("shipping method"),
    )
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80)
    address_en = models.CharField(_("address (English)"), max_length=200)
    address_ja = models.CharField(_("address (Japanese)"), max_length=200)
    hours_en = models.CharField(_("opening hours (English)"), max_length=120)
    hours_ja = models.CharField(_("opening hours (Japanese)"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("offered to customers"), default=True)

    class Meta:
        verbose_name = _("pick-up place")
        verbose_name_plural = _("pick-up places")
        ordering = ["position", "pk"]
        constraints = [InShopWindow(name="pickup_place_in_shop_window")]

    def __str__(self) -> str:
        return in_language(self, "name")
