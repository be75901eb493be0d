"""Filters that shorten what is logged."""

import logging
from http.client import BAD_REQUEST, INTERNAL_SERVER_ERROR


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
