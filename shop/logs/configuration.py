"""Django's setting LOGGING."""

from collections.abc import Iterable
from typing import Any

TEXT, JSON = "text", "json"


def logging_for(rooms: Iterable[str], level: str, form: str) -> dict[str, Any]:
    """Return LOGGING: these packages log from ``level`` on, as text or as JSON."""
    formatter = "JsonLines" if form == JSON else "TextLines"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"shop.logs.lines.{formatter}"}},
        "filters": {
            "one_line": {"()": "shop.logs.filters.BrokerAwayInOneLine"},
            "refusals_in_one_line": {"()": "shop.logs.filters.RefusalsInOneLine"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["refusals_in_one_line"],
            }
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # `manage.py up` reads from its "ready." that the worker listens.
            "celery.apps.worker": {"level": "INFO"},
            "celery.worker.request": {"filters": ["one_line"]},
            # On lower levels it logs requests and answers, with tokens and client
            # secrets.
            "stripe": {"level": "WARNING"},
            # Django gives it a handler of its own, for runserver only.
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            # Gunicorn has one as well, with another form of lines.
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
            **{room: {"level": level} for room in rooms},
        },
    }
