from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LocalConfig(AppConfig):
    name = "shop.local"
    label = "local"
    verbose_name = _("Local")

    def ready(self) -> None:
        # Importing registers the system checks; before this the settings are not up.
        import_module("shop.checks")
