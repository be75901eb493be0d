"""Files of pictures that nothing shows any more."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnusedPicture(models.Model):
    """A file that nothing shows since ``since``; see shop/catalogue/unused_pictures."""

    name = models.CharField(_("file"), max_length=200, unique=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("unused picture")
        verbose_name_plural = _("unused pictures")

    def __str__(self) -> str:
        return self.name
