"""Codes that do not exist, as somebody typed them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop import database_clock


class WrongCode(models.Model):
    """A cart and an address from which a code was typed that there is not.

    The code itself is not kept. Rows are removed after a day.
    """

    cart = models.UUIDField(default=uuid.uuid4, editable=False)
    client = models.CharField(_("IP address"), max_length=50)
    at = models.DateTimeField(_("tried at"), default=database_clock.Now)

    class Meta:
        verbose_name = _("wrong coupon code")
        verbose_name_plural = _("wrong coupon codes")
        indexes = [
            models.Index(fields=["cart", "at"], name="wrong_code_cart_idx"),
            models.Index(fields=["client", "at"], name="wrong_code_client_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.at}"
