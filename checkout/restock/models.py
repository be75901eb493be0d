"""Customers who wait for goods that are sold out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.catalogue.models import Variant


class RestockRequest(models.Model):
    """Somebody wants one mail when a variant can be had again.

    The row is deleted in the transaction that stores the mail, so there is one mail.
    """

    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("variant")
    )
    email = models.EmailField(_("email"))
    language = models.CharField(_("language"), max_length=5)
    created_at = models.DateTimeField(_("created at"), default=database_clock.Now)

    class Meta:
        verbose_name = _("back-in-stock request")
        verbose_name_plural = _("back-in-stock requests")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "email"], name="restock_request_once"
            )
        ]
        indexes = [
            models.Index(fields=["email"], name="restock_request_email"),
            models.Index(fields=["created_at"], name="restock_request_age"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.email}"
