"""How many units of a product one customer may buy."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import Product

LONGEST_PERIOD = 3650  # days


class PurchaseLimit(models.Model):
    """At most ``most`` units per customer, of all variants together.

    They are counted over the last ``days``; without days, for ever.
    """

    product = models.OneToOneField(
        Product,
        models.CASCADE,
        related_name="purchase_limit",
        verbose_name=_("product"),
    )
    most = models.PositiveIntegerField(
        _("units per customer"),
        validators=[MinValueValidator(1)],
        help_text=_(
            "Of all sizes and colours together. Customers are known by their email "
            "address. How many one order may have is set with the product."
        ),
    )
    days = models.PositiveSmallIntegerField(
        _("within days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_PERIOD)],
        help_text=_("Counted back from the order. Empty: all orders count."),
    )

    class Meta:
        verbose_name = _("purchase limit")
        verbose_name_plural = _("purchase limits")
        ordering = ["product"]
        constraints = [
            models.CheckConstraint(condition=Q(most__gt=0), name="purchase_limit_most"),
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__range=(1, LONGEST_PERIOD)),
                name="purchase_limit_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.most}"
