"""Internet addresses from which cards were tried."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Client(models.Model):
    """One internet address, or a network of them, from which cards were tried."""

    address = models.CharField(_("IP address"), max_length=50, unique=True)
    tried_at = models.DateTimeField(_("last try at"))
    refusals = models.PositiveIntegerField(_("times turned away"), default=0)
    refused_at = models.DateTimeField(_("last turned away at"), null=True, blank=True)
    alarmed_at = models.DateTimeField(_("staff alerted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("card attempts by IP")
        verbose_name_plural = _("card attempts by IP")
        ordering = ["-tried_at"]

    def __str__(self) -> str:
        return self.address
