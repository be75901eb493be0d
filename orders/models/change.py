"""Corrections of an order by staff: who changed what, when and why."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models.wishes import WISHES

# What may be corrected until the last parcel is handed over, that of an exchange too.
RECIPIENT = (
    "email",
    "name",
    "phone",
    "postcode",
    "prefecture",
    "region",
    "city",
    "street",
    "building",
    "delivery",
    *WISHES,
)
# What may be corrected of a parcel, always.
TRACKING = ("carrier", "tracking_number")


class OrderChange(models.Model):
    """One correction. Never changed.

    ``before`` and ``after`` hold the changed fields only, by name: of the order, or of
    the ``parcel`` if there is one. The order's event names the fields
    without their values, so that personal data of the past is in these two columns and
    nowhere else.
    ``uid`` comes from the form: one that is sent twice is one correction.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(
        "orders.Order",
        models.CASCADE,
        related_name="changes",
        verbose_name=_("order"),
    )
    parcel = models.ForeignKey(
        "orders.Parcel",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="changes",
        verbose_name=_("parcel"),
    )
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    actor = models.CharField(_("by"), max_length=150)
    reason = models.CharField(_("reason"), max_length=300)
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["id"]
        permissions = [
            (
                "correct_order",
                _("Can correct the recipient of an order and tracking numbers"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {', '.join(self.after)}"
