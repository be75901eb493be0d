"""Questions to the outside, whose answers come by themselves; tokens as digests."""

import hashlib
import secrets
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Callback(models.Model):
    """One question of a step, and the answer of whoever holds its token.

    The token itself is not kept: only the outside has it.
    """

    saga = models.ForeignKey(
        "saga.Saga", models.CASCADE, related_name="callbacks", verbose_name=_("saga")
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


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def ask(saga_id: int, step: str, fence: int, deadline: datetime) -> str:
    """Write down that a step asks, and return the token by which it is answered."""
    token = secrets.token_urlsafe(32)
    Callback.objects.create(
        saga_id=saga_id,
        step=step,
        fence=fence,
        digest=digest(token),
        deadline=deadline,
    )
    return token
