"""A filter that shortens log records."""

import logging


class BrokerAwayInOneLine(logging.Filter):
    """Log one line for a task that ends while the broker is away, without a trace.

    No work is lost: the rows of the saga do not depend on the message, and the fifty
    lines of trace are always those of a closed connection.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Couldn't ack"):
            record.exc_info = None
        return True
