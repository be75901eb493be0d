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
        # And this readies the Celery application, so that tasks find their broker. Not
        # in shop/__init__.py: the supervisor of ``manage.py up`` does without it.
        import_module("shop.celery")
