"""The staff's work list, and the notes that staff write on orders."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order


class StalledOrder(Order):
    """An order whose saga stopped and waits for staff."""

    class Meta:
        proxy = True
        verbose_name = _("stalled order")
        verbose_name_plural = _("stalled orders")
        permissions = [
            ("resume_stalledorder", _("Can resume a stalled order")),
            ("settle_stalledorder", _("Can mark a step as done, or skip it")),
            ("cancel_stalledorder", _("Can cancel an order before the charge")),
            ("note_stalledorder", _("Can write a note on an order")),
        ]


class OrderNote(models.Model):
    """A note of staff on an order, never changed. ``key`` names the form sent."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="notes", verbose_name=_("order")
    )
    key = models.UUIDField(unique=True, editable=False)
    text = models.TextField(_("note"), max_length=2000)
    actor = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("note on an order")
        verbose_name_plural = _("notes on orders")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.actor}"
