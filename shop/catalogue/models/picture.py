"""Pictures of products."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.languages import in_language
from shop.catalogue.models.product import Product
from shop.catalogue.models.window import InShopWindow
from shop.catalogue.pictures import Rendition, stored_name

_OLD_SIDE = 600


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a page shows it: the attributes of its ``img`` element.

    ``srcset`` is empty if there is one file only. ``thumbnail`` is the smallest.
    """

    src: str
    srcset: str
    thumbnail: str
    width: int
    height: int


class Picture(models.Model):
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="pictures",
        verbose_name=_("product"),
    )
    # The largest of its renditions.
    file = models.FileField(_("file"), upload_to=stored_name, max_length=200)
    # Smallest first. Empty: from before there were any; see manage.py rebuild_pictures.
    renditions = models.JSONField(editable=False, default=list)
    alt_en = models.CharField(_("alt text (English)"), max_length=200)
    alt_ja = models.CharField(_("alt text (Japanese)"), max_length=200)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "pk"]
        constraints = [InShopWindow(name="picture_in_shop_window")]

    def __str__(self) -> str:
        return self.alt

    @property
    def alt(self) -> str:
        return in_language(self, "alt")

    def use(self, renditions: Sequence[Rendition]) -> None:
        """Show these renditions, smallest first. The caller saves the row."""
        self.file = renditions[-1].name
        self.renditions = [asdict(rendition) for rendition in renditions]

    @property
    def shown(self) -> Shown:
        url = self.file.storage.url
        if not self.renditions:
            return Shown(self.file.url, "", self.file.url, _OLD_SIDE, _OLD_SIDE)
        made = [Rendition(**values) for values in self.renditions]
        sources = [f"{url(each.name)} {each.width}w" for each in made]
        return Shown(
            src=url(made[len(made) // 2].name),
            srcset=", ".join(sources) if len(made) > 1 else "",
            thumbnail=url(made[0].name),
            width=made[-1].width,
            height=made[-1].height,
        )
