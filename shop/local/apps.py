from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
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
        _begin_to_report()


def _begin_to_report() -> None:
    """Start the error tracker and the traces, where they are set up.

    Elsewhere their packages are not imported: they cost each process memory.
    """
    kind = "production" if settings.PRODUCTION else "local"
    environment = "staging" if settings.STAGING else kind
    if settings.SENTRY_DSN:
        tracker = import_module("shop.logs.error_tracker")
        tracker.start(settings.SENTRY_DSN, environment, settings.BASE_DIR)
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        if find_spec("opentelemetry") is None:
            message = (
                "OTEL_EXPORTER_OTLP_ENDPOINT is set, but its packages are missing. "
                "Run: .venv/bin/pip install -r requirements-traces.txt"
            )
            raise ImproperlyConfigured(message)
        import_module("shop.traces.exporter").start(
            settings.OTEL_EXPORTER_OTLP_ENDPOINT,
            settings.OTEL_EXPORTER_OTLP_HEADERS,
            settings.OTEL_TRACES_SAMPLER_ARG,
            environment,
        )
