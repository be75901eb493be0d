"""Who sells: what papers, and pages about the shop, say of the seller."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.languages import in_language
from shop.invoice_number import is_invoice_number


def validate_invoice_number(number: str) -> None:
    """Raise ValidationError unless it is T and 13 digits."""
    if not is_invoice_number(number):
        raise ValidationError(
            _("Enter T and 13 digits, as in the tax office's notice."), code="invalid"
        )


class ShopProfile(models.Model):
    """The seller. One row; without it the settings SELLER_... apply."""

    name_ja = models.CharField(
        _("legal name (Japanese)"),
        max_length=100,
        help_text=_("As it is registered, such as 株式会社みなと."),
    )
    name_en = models.CharField(_("legal name (English)"), max_length=100)
    address_ja = models.TextField(
        _("address (Japanese)"),
        max_length=300,
        help_text=_("With the postcode, on up to four lines."),
    )
    address_en = models.TextField(_("address (English)"), max_length=300)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("email"), blank=True)
    invoice_number = models.CharField(
        _("invoice registration number"),
        max_length=14,
        blank=True,
        validators=[validate_invoice_number],
        help_text=_(
            "T and 13 digits. Without it customers get receipts, but no qualified "
            "invoices."
        ),
    )

    class Meta:
        verbose_name = _("shop profile")
        verbose_name_plural = _("shop profile")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="shop_profile_single_row"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def address(self) -> str:
        return in_language(self, "address")
