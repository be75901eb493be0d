"""Questions of steps to the outside, and the answers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Callback(models.Model):
    """One question of a step, and the answer that the holder of its token gave.

    Only a digest of the token is kept; the outside has the token itself.
    """

    saga = models.ForeignKey(
        "saga.Saga",
        models.CASCADE,
        related_name="callbacks",
        verbose_name=_("processing log"),
    )
    step = models.CharField(_("step"), max_length=40)
    fence = models.PositiveIntegerField(_("fence"))
    digest = models.CharField(_("digest of the token"), max_length=64, unique=True)
    deadline = models.DateTimeField(_("deadline"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    payload = models.JSONField(_("answer"), default=dict, blank=True)

    class Meta:
        verbose_name = _("question to the outside")
        verbose_name_plural = _("questions to the outside")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.step}, until {self.deadline}"
