"""What logs leave out, so that what matters is seen."""

import logging


class BrokerAwayInOneLine(logging.Filter):
    """Every task that ends while the broker is away says so by fifty lines of trace.

    Nothing is lost: the saga's rows are true without the message, and the trace is
    always the same one, of a closed connection.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Couldn't ack"):
            record.exc_info = None
        return True
