"""The WSGI entry point: ``gunicorn shop.wsgi``."""

import os
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from django.utils.translation import override

from shop.metrics.folder import share_counters

if TYPE_CHECKING:
    from shop.web.boundary import Utf8Requests

# With this exit code gunicorn stops, and does not start the next worker.
NOT_STARTED = 3


def load() -> "Utf8Requests":
    """Return the application. With refused settings, end with their message alone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    share_counters()
    try:
        handler = get_wsgi_application()
        # Imported here, because the models are ready only now.
        from shop.checks import refuse_unsafe_settings  # noqa: PLC0415
        from shop.web.boundary import Utf8Requests  # noqa: PLC0415
        from shop.web.static_files import require_collected  # noqa: PLC0415

        refuse_unsafe_settings()
        require_collected()
        load_pages()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Configuration: {error}\n")
        raise SystemExit(NOT_STARTED) from None
    return Utf8Requests(handler)


def load_pages() -> None:
    """Import every page and read every language.

    Done here, before gunicorn forks, it costs memory once; at the first request each
    process would have a copy of its own (docs/adr/0044).
    """
    for code, _name in settings.LANGUAGES:
        with override(code):
            reverse("set_language")


application = load()
