"""The banners at the top of the home page."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.languages import in_language
from shop.catalogue.models.window import InShopWindow

_LINK = re.compile(r"(/(?![/\\])|https://)[^\s\"'<>\\]*")


def validate_link(link: str) -> None:
    """Raise ValidationError unless it leads to this shop or to a secure address."""
    if not _LINK.fullmatch(link):
        raise ValidationError(
            _(
                "Enter an address of the shop such as /c/kitchen/, or one with https://."
            ),
            code="invalid",
        )


class HomeBannerQuerySet(models.QuerySet["HomeBanner"]):
    def due(self, now: datetime) -> "HomeBannerQuerySet":
        """Keep what is shown at ``now``."""
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=now),
            Q(ends_at=None) | Q(ends_at__gt=now),
            is_active=True,
        )


class HomeBanner(models.Model):
    """What the home page says first. Of those that are due, the first is shown."""

    eyebrow_ja = models.CharField(_("small line (Japanese)"), max_length=60, blank=True)
    eyebrow_en = models.CharField(_("small line (English)"), max_length=60, blank=True)
    title_ja = models.CharField(_("title (Japanese)"), max_length=60)
    title_en = models.CharField(_("title (English)"), max_length=60)
    text_ja = models.CharField(_("text (Japanese)"), max_length=200, blank=True)
    text_en = models.CharField(_("text (English)"), max_length=200, blank=True)
    button_ja = models.CharField(_("button (Japanese)"), max_length=40, blank=True)
    button_en = models.CharField(_("button (English)"), max_length=40, blank=True)
    link = models.CharField(
        _("address of the button"),
        max_length=300,
        default="/goods/",
        validators=[validate_link],
        help_text=_("Such as /c/kitchen/ or /p/mascot-t-shirt/."),
    )
    starts_at = models.DateTimeField(_("shown from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("shown until"), null=True, blank=True)
    is_active = models.BooleanField(_("shown"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = HomeBannerQuerySet.as_manager()

    class Meta:
        verbose_name = _("home page banner")
        verbose_name_plural = _("home page banners")
        ordering = ["position", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None)
                | Q(ends_at=None)
                | Q(ends_at__gt=F("starts_at")),
                name="home_banner_ends_after_start",
                violation_error_message=_("It must end after it begins."),
            ),
            InShopWindow(name="home_banner_in_shop_window"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def eyebrow(self) -> str:
        return in_language(self, "eyebrow")

    @property
    def title(self) -> str:
        return in_language(self, "title")

    @property
    def text(self) -> str:
        return in_language(self, "text")

    @property
    def button(self) -> str:
        return in_language(self, "button")
