"""Goods that staff recommend beside others."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.product import Product
from shop.catalogue.models.window import InShopWindow


class RelatedProduct(models.Model):
    """``goods`` are shown on the page of ``product``."""

    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="related",
        verbose_name=_("product"),
    )
    goods = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("recommended product"),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("related product")
        verbose_name_plural = _("related products")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "goods"], name="related_product_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(product=models.F("goods")),
                name="related_product_is_another",
                violation_error_message=_("A product is not related to itself."),
            ),
            InShopWindow(name="related_product_in_shop_window"),
        ]

    def __str__(self) -> str:
        return str(self.goods)
