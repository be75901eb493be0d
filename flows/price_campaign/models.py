"""Price campaigns, and the sale prices that they set."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import Category, Product


class PriceCampaign(models.Model):
    """Some per cent off, on products and categories, between two moments."""

    name = models.CharField(_("name"), max_length=100, help_text=_("For staff only."))
    percent = models.PositiveSmallIntegerField(
        _("per cent off"), validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    begins_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    categories = models.ManyToManyField(
        Category, verbose_name=_("categories"), blank=True, related_name="+"
    )
    products = models.ManyToManyField(
        Product, verbose_name=_("products"), blank=True, related_name="+"
    )
    started_by = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("price campaign")
        verbose_name_plural = _("price campaigns")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(begins_at__lt=F("ends_at")),
                name="campaign_ends_after_it_begins",
                violation_error_message=_("It must end after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=90),
                name="campaign_percent_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignPrice(models.Model):
    """The sale price of one variant, as the campaign set it. ``sku`` is a copy."""

    campaign = models.ForeignKey(
        PriceCampaign,
        models.CASCADE,
        related_name="prices",
        verbose_name=_("price campaign"),
    )
    sku = models.CharField(_("SKU"), max_length=40)
    price_minor = models.PositiveIntegerField(_("price"))
    sale_minor = models.PositiveIntegerField(_("sale price"))

    class Meta:
        verbose_name = _("price of a campaign")
        verbose_name_plural = _("prices of a campaign")
        ordering = ["sku"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sku"], name="campaign_price_once"
            )
        ]

    def __str__(self) -> str:
        return self.sku
