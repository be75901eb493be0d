"""Options in which variants differ, such as size and colour, and their values."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.languages import in_language
from shop.catalogue.models.window import InShopWindow

# How many options a variant has at most.
MOST_OPTIONS = 3


class Option(models.Model):
    """A size, a colour: written once, for all products that have it."""

    name_en = models.CharField(_("name (English)"), max_length=60)
    name_ja = models.CharField(_("name (Japanese)"), max_length=60)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["position", "pk"]
        constraints = [InShopWindow(name="option_in_shop_window")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")


class OptionValue(models.Model):
    """S, M, L; white, navy."""

    option = models.ForeignKey(
        Option,
        on_delete=models.CASCADE,
        related_name="values",
        verbose_name=_("option"),
    )
    name_en = models.CharField(_("name (English)"), max_length=18)
    name_ja = models.CharField(_("name (Japanese)"), max_length=18)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("value of an option")
        verbose_name_plural = _("values of an option")
        ordering = ["option__position", "option_id", "position", "pk"]
        constraints = [InShopWindow(name="option_value_in_shop_window")]

    def __str__(self) -> str:
        return f"{self.option.name}: {self.name}"

    @property
    def name(self) -> str:
        return in_language(self, "name")
