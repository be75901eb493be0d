"""The postcodes of Japan, as they were loaded last."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from checkout.shipping.prefectures import Prefecture

DIGITS = 7


class PostcodeArea(models.Model):
    """A city, or a part of one, that has a postcode. Names are in Japanese.

    ``town`` is empty where the postcode has several towns, or none. A few postcodes
    lie in several cities, and two or three in two prefectures: they have a row each.
    """

    code = models.CharField(_("postcode"), max_length=DIGITS)
    prefecture = models.CharField(_("prefecture"), max_length=20, choices=Prefecture)
    city = models.CharField(_("city or ward"), max_length=100)
    town = models.CharField(_("town"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("postcode")
        verbose_name_plural = _("postcodes")
        ordering = ["code", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "prefecture", "city"], name="postcode_once_per_city"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.prefecture} {self.city}{self.town}"
