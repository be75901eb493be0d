"""Products that are made of others: bundles, and what is in them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.product import MOST_PER_ORDER, Product
from shop.catalogue.models.variant import Variant
from shop.catalogue.models.window import InShopWindow


class BundlePart(models.Model):
    """So many units of a variant are in each ``bundle``.

    A product with parts is a bundle: its one variant has the price of all parts
    together and no units of its own (docs/adr/0075).
    """

    bundle = models.ForeignKey(
        Product, models.CASCADE, related_name="parts", verbose_name=_("bundle")
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="+", verbose_name=_("variant")
    )
    quantity = models.PositiveSmallIntegerField(
        _("units"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_ORDER)],
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("part of a bundle")
        verbose_name_plural = _("parts: for a bundle only")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bundle", "variant"], name="bundle_part_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__range=(1, MOST_PER_ORDER)),
                name="bundle_part_quantity",
            ),
            InShopWindow(name="bundle_part_in_shop_window"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant}"
