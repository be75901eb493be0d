"""The WSGI entry point: ``gunicorn shop.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

# Imported here, because the models are ready only now.
from shop.checks import refuse_unsafe_settings  # noqa: E402

refuse_unsafe_settings()
