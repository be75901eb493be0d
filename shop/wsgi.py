"""The WSGI entry point: ``gunicorn shop.wsgi``."""

import os
import sys
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

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
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Configuration: {error}\n")
        raise SystemExit(NOT_STARTED) from None
    return Utf8Requests(handler)


application = load()
