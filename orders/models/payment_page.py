"""The provider's own page on which an order is paid."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentPage(models.Model):
    """The one page of a payment that is made there. Its address is no secret of ours.

    Only the address of the page that is stored here was ever shown to the customer.
    """

    payment = models.OneToOneField(
        "orders.Payment",
        models.CASCADE,
        related_name="page",
        verbose_name=_("payment"),
    )
    session_id = models.CharField(_("checkout session"), max_length=255, unique=True)
    url = models.URLField(_("payment page"), max_length=2000)
    expires_at = models.DateTimeField(_("closes automatically at"))

    class Meta:
        verbose_name = _("payment page")
        verbose_name_plural = _("payment pages")

    def __str__(self) -> str:
        return f"{self.payment_id} {self.session_id}"
