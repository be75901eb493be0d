"""How Celery's programs read the settings."""

import sys
from typing import Any

from celery.loaders.app import AppLoader
from django.core.exceptions import ImproperlyConfigured


class Loader(AppLoader):
    """Ends the process with the message alone if the settings are refused."""

    def config_from_object(self, obj: Any, silent: bool = False) -> None:
        try:
            super().config_from_object(obj, silent=silent)
        except ImproperlyConfigured as error:
            sys.exit(f"Configuration: {error}")
