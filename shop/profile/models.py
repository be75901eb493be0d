"""Who sells: the shop's name, and what papers, mails and pages say of the seller."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.languages import in_language
from shop.catalogue.models.window import InShopWindow
from shop.profile.colours import ink_on, readable
from shop.text.invoice_number import is_invoice_number


def validate_invoice_number(number: str) -> None:
    """Raise ValidationError unless it is T and 13 digits."""
    if not is_invoice_number(number):
        raise ValidationError(
            _("Enter T and 13 digits, as in the tax office's notice."), code="invalid"
        )


def validate_colour(colour: str) -> None:
    """Raise ValidationError unless it is # and six hexadecimal digits."""
    if not re.fullmatch("#[0-9A-Fa-f]{6}", colour):
        raise ValidationError(
            _("Enter # and six digits or letters from A to F, such as #4338ca."),
            code="invalid",
        )


class ShopProfile(models.Model):
    """The shop and its seller. One row; without it the settings apply."""

    shop_name_ja = models.CharField(
        _("shop name (Japanese)"),
        max_length=60,
        default="",
        help_text=_("What customers read in the header, in mails and in search."),
    )
    shop_name_en = models.CharField(_("shop name (English)"), max_length=60, default="")
    tagline_ja = models.CharField(
        _("tagline (Japanese)"),
        max_length=160,
        blank=True,
        default="",
        help_text=_("One sentence for the home page and for search engines."),
    )
    tagline_en = models.CharField(
        _("tagline (English)"), max_length=160, blank=True, default=""
    )
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
    representative_ja = models.CharField(
        _("person in charge (Japanese)"),
        max_length=100,
        blank=True,
        default="",
        help_text=_("The law wants the name of who is responsible for the shop."),
    )
    representative_en = models.CharField(
        _("person in charge (English)"), max_length=100, blank=True, default=""
    )
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    hours_ja = models.CharField(
        _("hours (Japanese)"),
        max_length=120,
        blank=True,
        default="",
        help_text=_("When customers can reach you, such as 平日10時から17時."),
    )
    hours_en = models.CharField(
        _("hours (English)"), max_length=120, blank=True, default=""
    )
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
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#4338ca",
        validators=[validate_colour],
        help_text=_("Of icons and of the buttons in mails, such as #4338ca."),
    )

    class Meta:
        verbose_name = _("shop profile")
        verbose_name_plural = _("shop profile")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="shop_profile_single_row"),
            InShopWindow(name="shop_profile_in_shop_window"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shop_name(self) -> str:
        """The name of the shop; of an older row without one, that of the seller."""
        return in_language(self, "shop_name") or self.name

    @property
    def ink(self) -> str:
        """The colour of text on the shop's colour."""
        return ink_on(self.colour)

    @property
    def link_colour(self) -> str:
        """The shop's colour for links on white; a dark one if it is too light."""
        return readable(self.colour)

    @property
    def tagline(self) -> str:
        return in_language(self, "tagline")

    @property
    def representative(self) -> str:
        return in_language(self, "representative")

    @property
    def hours(self) -> str:
        return in_language(self, "hours")

    @property
    def name(self) -> str:
        return in_language(self, "name")

    @property
    def address(self) -> str:
        return in_language(self, "address")
