"""Addresses that pages had before staff changed them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

ADDRESS_HINT = _("The old address leads to the new one when you change it.")


class FormerAddress(models.Model):
    """An address that a product or a category had; it leads to the one of now."""

    slug = models.SlugField(_("URL slug"), max_length=80)
    product = models.ForeignKey(
        "catalogue.Product",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="former_addresses",
        verbose_name=_("product"),
    )
    category = models.ForeignKey(
        "catalogue.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="former_addresses",
        verbose_name=_("category"),
    )

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product__isnull=True, category__isnull=False)
                | models.Q(product__isnull=False, category__isnull=True),
                name="former_address_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=models.Q(category=None),
                name="former_address_of_one_product",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=models.Q(product=None),
                name="former_address_of_one_category",
            ),
        ]

    def __str__(self) -> str:
        return self.slug
