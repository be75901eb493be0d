"""Imported files of goods, and their lines."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProductImport(models.Model):
    """A file of goods, taken over line by line. ``language`` is that of its errors."""

    name = models.CharField(_("file"), max_length=100)
    language = models.CharField(max_length=5)
    uploaded_by = models.CharField(_("by"), max_length=150)
    imported = models.PositiveIntegerField(_("lines imported"), null=True, blank=True)
    refused = models.PositiveIntegerField(_("lines refused"), null=True, blank=True)
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("import of goods")
        verbose_name_plural = _("imports of goods")
        ordering = ["-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name


class ImportLine(models.Model):
    """One line: ``row`` is its number in the file, ``number`` that of its saga.

    ``before`` and ``after`` are what its variant was and became, for the undo; no
    ``before`` means that the line made the variant.
    """

    source = models.ForeignKey(
        ProductImport, models.CASCADE, related_name="lines", verbose_name=_("file")
    )
    number = models.PositiveIntegerField()
    row = models.PositiveIntegerField(pgettext_lazy("sheet", "line"))
    cells = models.JSONField(_("cells"))
    # A line above it has the same SKU. Lines are imported at the same time.
    is_repeated = models.BooleanField(default=False, db_default=False, editable=False)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    received = models.PositiveIntegerField(default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of an import")
        ordering = ["number"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"], name="import_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.row}"
