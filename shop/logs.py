"""What is logged, and filters that shorten it."""

import logging
from collections.abc import Iterable
from http.client import BAD_REQUEST, INTERNAL_SERVER_ERROR
from typing import Any


class BrokerAwayInOneLine(logging.Filter):
    """Log one line for a task that ends while the broker is away, without a trace.

    No work is lost: the rows of the saga do not depend on the message, and the fifty
    lines of trace are always those of a closed connection.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Couldn't ack"):
            record.exc_info = None
        return True


class RefusalsInOneLine(logging.Filter):
    """Log one line for a request that was refused (4xx), without a trace.

    The visitor is wrong, not the code; anybody could fill the log with such traces.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 0)
        if BAD_REQUEST <= status < INTERNAL_SERVER_ERROR:
            record.exc_info = None
            record.exc_text = None
        return True


def logging_for(rooms: Iterable[str], level: str) -> dict[str, Any]:
    """Return Django's setting LOGGING: these packages log from ``level`` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
        },
        "filters": {
            "one_line": {"()": "shop.logs.BrokerAwayInOneLine"},
            "refusals_in_one_line": {"()": "shop.logs.RefusalsInOneLine"},
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
            **{room: {"level": level} for room in rooms},
        },
    }
