"""The carriers that parcels are handed to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Carrier(models.TextChoices):
    YAMATO = "yamato", _("Yamato Transport")
    SAGAWA = "sagawa", _("Sagawa Express")
    JAPAN_POST = "japan_post", _("Japan Post")
    OTHER = "other", _("another carrier")
