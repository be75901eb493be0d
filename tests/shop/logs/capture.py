"""The lines that a process would write."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from shop.logs.lines import JsonLines, TextLines

FORMATS = {"text": TextLines, "json": JsonLines}


class Written(StringIO):
    """What was written, and the same as one dictionary a line."""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@contextmanager
def written(form: str = "json", level: int = logging.DEBUG) -> Iterator[Written]:
    """Collect the lines of all loggers from ``level`` on, in one of the two forms."""
    stream = Written()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATS[form]())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
