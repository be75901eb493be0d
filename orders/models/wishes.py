"""What customers may add to name and address, for temporary and for placed orders."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

# Whom an invoice is made out to, if that is not the recipient.
BILLING: Final = (
    "billing_name",
    "billing_postcode",
    "billing_prefecture",
    "billing_city",
    "billing_street",
    "billing_building",
)
WISHES: Final = (
    "name_kana",
    "receipt_name",
    *BILLING,
    "note",
    "gift",
    "gift_message",
)
LONGEST_NOTE = 300
LONGEST_GIFT_MESSAGE = 200


class Gift(models.TextChoices):
    """How a gift is packed. Nothing in its parcel shows prices."""

    PLAIN = "plain", _("Gift: no prices in the parcel")
    WRAPPED = "wrapped", _("Gift, wrapped: no prices in the parcel")


def _text(name: object, longest: int) -> "models.CharField[str, str]":
    return models.CharField(
        name,  # type: ignore[arg-type]
        max_length=longest,
        blank=True,
        default="",
        db_default="",
    )


class Wishes(models.Model):
    """Columns that are empty if the customer wishes nothing.

    ``billing_name`` is empty if the receipt has no address of its own.
    """

    name_kana = _text(_("name in katakana"), 100)
    receipt_name = _text(_("name on the receipt"), 100)
    billing_name = _text(_("billing: name"), 100)
    billing_postcode = _text(_("billing: postcode"), 8)
    billing_prefecture = _text(_("billing: prefecture"), 20)
    billing_city = _text(_("billing: city or ward"), 100)
    billing_street = _text(_("billing: street and number"), 150)
    billing_building = _text(_("billing: building and room"), 150)
    note = _text(_("note"), LONGEST_NOTE)
    gift = models.CharField(
        _("gift"),
        max_length=10,
        choices=Gift,
        blank=True,
        default="",
        db_default="",
    )
    gift_message = _text(_("gift message"), LONGEST_GIFT_MESSAGE)

    class Meta:
        abstract = True


def wishes_of(source: Wishes) -> dict[str, str]:
    """Return all of them by column, to be copied."""
    return {name: getattr(source, name) for name in WISHES}
