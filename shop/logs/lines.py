"""The two forms of a line: text for a terminal, JSON for programs."""

import json
import logging
import os
import socket
import sys
from datetime import UTC, datetime
from typing import Any

from shop.logs.context import FIELDS, fields
from shop.logs.privacy import clean, one_line
from shop.processes.roles import role_of

# What else a line may say, if its call gives it as ``extra``. Other extras stay out:
# Django and Celery hand over requests and arguments there.
EXTRAS = (*FIELDS, "status_code")


def about(record: logging.LogRecord) -> dict[str, Any]:
    """Return what the record is about: what its thread is bound to, and its extras."""
    bound = fields()
    found: dict[str, Any] = {}
    for name in EXTRAS:
        value = record.__dict__.get(name, bound.get(name))
        if isinstance(value, int):
            found[name] = value
        elif value:
            found[name] = clean(str(value))
    return found


class TextLines(logging.Formatter):
    """One line of text; a trace follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (its name)
        record.message = _message(record)
        line = super().formatMessage(record)
        words = " ".join(f"{name}={value}" for name, value in about(record).items())
        return f"{line} [{one_line(words)}]" if words else line

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line, in UTC: docs/operations/logs.md lists its keys."""

    def __init__(self) -> None:
        super().__init__()
        self._process = {
            "role": role_of(sys.argv),
            "host": socket.gethostname(),
        }

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage()),
            **about(record),
            **self._process,
            "process": os.getpid(),
        }
        if trace := self._trace(record):
            line["trace"] = clean(trace)
        return json.dumps(line, ensure_ascii=False, default=str)

    def _trace(self, record: logging.LogRecord) -> str:
        if record.exc_info and record.exc_info[0]:
            return self.formatException(record.exc_info)
        return record.exc_text or record.stack_info or ""


def _message(record: logging.LogRecord) -> str:
    """Return the message. Only a call that says ``has_lines`` may have several."""
    text = clean(record.getMessage())
    return text if record.__dict__.get("has_lines") else one_line(text)
