"""Categories of goods."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.address import ADDRESS_HINT
from shop.catalogue.models.languages import in_language
from shop.catalogue.models.window import InShopWindow


class Category(models.Model):
    slug = models.SlugField(_("URL slug"), unique=True, help_text=ADDRESS_HINT)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_ja = models.CharField(_("name (Japanese)"), max_length=80)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "pk"]
        constraints = [InShopWindow(name="category_in_shop_window")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue:category", args=[self.slug])

    @property
    def name(self) -> str:
        return in_language(self, "name")
