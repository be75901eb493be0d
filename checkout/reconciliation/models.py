"""Runs of the reconciliation and the mismatches they found."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkout.reconciliation.kinds import NOTICES, Kind, Severity
from shop import database_clock


class ReconciliationRun(models.Model):
    """One comparison of everything that was paid for in a period.

    A run that is neither finished nor broken off is under way; ``seen_at`` is its last
    sign of life.
    """

    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("to"))
    scheduled = models.BooleanField(_("automatic"), default=False)
    started_at = models.DateTimeField(_("started at"), default=database_clock.Now)
    seen_at = models.DateTimeField(_("last sign of life"), default=database_clock.Now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    broken_at = models.DateTimeField(_("broken off at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    intents = models.PositiveIntegerField(_("payments at Stripe"), default=0)
    unreadable = models.PositiveIntegerField(
        _("could not be read"), default=0, db_default=0
    )
    found = models.PositiveIntegerField(_("reconciliation differences"), default=0)
    fresh = models.PositiveIntegerField(_("new differences"), default=0)
    resolved = models.PositiveIntegerField(_("gone since"), default=0)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{timezone.localdate(self.since)} - {timezone.localdate(self.until)}"


class MismatchQuerySet(models.QuerySet["Mismatch"]):
    def open(self) -> "MismatchQuerySet":
        """Mismatches that are not resolved."""
        return self.filter(resolved_at=None)

    def unexplained(self) -> "MismatchQuerySet":
        """Open mismatches without an explanation; notices need none."""
        return self.open().filter(explained_at=None).exclude(kind__in=NOTICES)


class Mismatch(models.Model):
    """A disagreement between two of our sources.

    At most one row of a kind and subject (payment intent, order number or SKU) is open.
    It is resolved when a later run does not find it; if it comes back, a new row is
    made. An explained mismatch may stay: a member of staff has given the reason.
    """

    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    subject = models.CharField(_("subject"), max_length=255)
    order_number = models.CharField(_("order"), max_length=64, blank=True)
    intent_id = models.CharField(_("payment intent"), max_length=255, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    first_seen = models.DateTimeField(_("first seen"), db_default=Now())
    last_seen = models.DateTimeField(_("last seen"), db_default=Now())
    resolved_at = models.DateTimeField(_("gone since"), null=True, blank=True)
    alerted_at = models.DateTimeField(_("staff told at"), null=True, blank=True)
    explained_at = models.DateTimeField(_("explained at"), null=True, blank=True)
    explained_by = models.CharField(_("by"), max_length=150, blank=True)
    note = models.CharField(_("explanation"), max_length=300, blank=True)

    objects = MismatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("reconciliation difference")
        verbose_name_plural = _("reconciliation differences")
        ordering = ["-id"]
        permissions = [
            ("explain_mismatch", _("Can explain a reconciliation difference"))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(resolved_at=None),
                name="mismatch_open_once",
            ),
            models.CheckConstraint(
                condition=Q(explained_at=None, note="", explained_by="")
                | (Q(explained_at__isnull=False) & ~Q(note="") & ~Q(explained_by="")),
                name="mismatch_explained_by_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @property
    def severity(self) -> Severity:
        return Kind(self.kind).severity
