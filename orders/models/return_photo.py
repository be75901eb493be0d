"""The photo that a customer sent with a wish to return goods."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReturnPhoto(models.Model):
    """A photo of the goods, for staff only. ``content`` is WebP that the shop encoded.

    In the database, because what is in the folder of pictures is public. It is removed
    some days after its return ended.
    """

    returned = models.OneToOneField(
        "orders.Return",
        models.CASCADE,
        related_name="photo",
        verbose_name=pgettext_lazy("goods", "return"),
    )
    content = models.BinaryField(_("photo"))
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("photo of a return")
        verbose_name_plural = _("photos of returns")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"photo of return {self.returned_id}"
