"""Deletion requests of customers, and the certificates that remain of them."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ErasureRequest(models.Model):
    """One request. After the erasure it names no person any more.

    ``customer`` is the key of the account, no foreign key: the row outlives it.
    ``email`` and ``language`` are emptied when the certificate is sent. ``found`` is
    how many rows of each kind there were: nothing of what was in them.
    """

    customer = models.BigIntegerField(_("account"), unique=True)
    email = models.EmailField(_("email"), blank=True)
    language = models.CharField(max_length=5, blank=True)
    found = models.JSONField(pgettext_lazy("account", "found"), default=dict)
    requested_at = models.DateTimeField(_("requested at"), db_default=Now())
    erase_at = models.DateTimeField(_("to be erased at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    certificate = models.UUIDField(
        _("certificate"), default=uuid.uuid4, unique=True, editable=False
    )

    class Meta:
        verbose_name = _("deletion request")
        verbose_name_plural = _("deletion requests")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("run_erasure", _("Can run a customer's deletion request"))]

    def __str__(self) -> str:
        return str(self.certificate)
