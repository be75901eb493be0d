"""Announcements to every visitor: that checkout is paused, or a banner."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.catalogue.models import InShopWindow

LONGEST_MESSAGE = 300


class Announcement(models.Model):
    """One message to all visitors, in both languages; kept for good once it is lifted.

    A pause refuses new orders from when it is written until staff lift it. A banner is
    only shown, from ``starts_at`` (null: at once) until ``ends_at`` (null: until it is
    lifted). At most one of each kind is active.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", _("checkout paused")
        BANNER = "banner", _("banner")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    message_en = models.CharField(_("message in English"), max_length=LONGEST_MESSAGE)
    message_ja = models.CharField(_("message in Japanese"), max_length=LONGEST_MESSAGE)
    starts_at = models.DateTimeField(_("shown from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("shown until"), null=True, blank=True)
    set_at = models.DateTimeField(_("set at"), default=database_clock.Now)
    set_by = models.CharField(_("set by"), max_length=150)
    reason = models.CharField(_("reason"), max_length=300)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=150, blank=True)
    lift_reason = models.CharField(_("why lifted"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("pause or banner")
        verbose_name_plural = _("pauses and banners")
        ordering = ["-id"]
        permissions = [("pause_checkout", _("Can pause checkout and set a banner"))]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(lifted_at=None),
                name="announcement_one_active",
            ),
            models.CheckConstraint(
                condition=Q(kind="banner") | Q(starts_at=None, ends_at=None),
                name="announcement_pause_has_no_times",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None)
                | Q(ends_at=None)
                | Q(ends_at__gt=F("starts_at")),
                name="announcement_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by="")
                | (Q(lifted_at__isnull=False) & ~Q(lifted_by="")),
                name="announcement_lifted_by_staff",
            ),
            InShopWindow(name="announcement_in_shop_window"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"

    @property
    def text(self) -> str:
        """The message in the active language."""
        is_japanese = (get_language() or "en").startswith("ja")
        return self.message_ja if is_japanese else self.message_en

    @property
    def is_due(self) -> bool:
        """Whether it is shown to visitors now."""
        if self.starts_at is None and self.ends_at is None:
            return True
        now = database_clock.read()
        has_begun = self.starts_at is None or self.starts_at <= now
        return has_begun and (self.ends_at is None or now < self.ends_at)
