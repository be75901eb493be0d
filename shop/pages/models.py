"""Pages that staff write, such as the legal notice: every version of each."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.catalogue.models import InShopWindow

LONGEST_BODY = 30_000


class Place(models.TextChoices):
    """Where the footer links to a page."""

    SHOPPING = "shopping", _("Shopping")
    HELP = "help", _("Help")
    COMPANY = "company", _("About us")
    NOWHERE = "nowhere", _("No link: only by its address")


class PageVersionQuerySet(models.QuerySet["PageVersion"]):
    def current(self) -> Self:
        """Keep the newest version of each page."""
        newer = PageVersion.objects.filter(
            slug=models.OuterRef("slug"), number__gt=models.OuterRef("number")
        )
        return self.filter(~models.Exists(newer))


class PageVersion(models.Model):
    """A page as somebody published it. Rows are added, never changed.

    The newest of a ``slug`` is what customers read. A standard page without any row is
    shown as its first draft (``shop.pages.standard``). ``is_shown`` is False for a page
    that staff took away.
    """

    slug = models.SlugField(_("URL slug"), max_length=60)
    number = models.PositiveIntegerField(_("version"))
    place = models.CharField(
        _("link in the footer"), max_length=8, choices=Place, default=Place.HELP
    )
    is_shown = models.BooleanField(_("shown"), default=True)
    title_ja = models.CharField(_("title (Japanese)"), max_length=100)
    title_en = models.CharField(_("title (English)"), max_length=100)
    body_ja = models.TextField(_("text (Japanese)"), max_length=LONGEST_BODY)
    body_en = models.TextField(_("text (English)"), max_length=LONGEST_BODY)
    saved_at = models.DateTimeField(_("published at"), default=database_clock.Now)
    saved_by = models.CharField(_("published by"), max_length=150)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = PageVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["slug", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "number"], name="page_version_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0), name="page_version_number_positive"
            ),
            InShopWindow(name="page_version_in_shop_window"),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.number}"
