"""The log of ``manage.py up``: every line starts with the service that wrote it."""

import os
import sys
import threading
from collections.abc import Iterable
from typing import TextIO

COLOURS = ("36", "35", "33", "34", "32", "96", "95")  # ANSI foreground colours
OWN_NAME = "up"


class Console:
    """Writes whole lines with a prefix; safe to call from several threads."""

    def __init__(self, names: Iterable[str], stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        names = [OWN_NAME, *names]
        self._width = max(len(name) for name in names)
        self._lock = threading.Lock()
        coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._colours = (
            {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(names)}
            if coloured
            else {}
        )

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<{self._width}} |"
        if name in self._colours:
            prefix = f"\x1b[{self._colours[name]}m{prefix}\x1b[0m"
        self._write(f"{prefix} {text}\n")

    def say(self, text: str) -> None:
        """Write a line of the supervisor itself."""
        self.line(OWN_NAME, text)

    def plain(self, text: str) -> None:
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self._stream.write(text)
                self._stream.flush()
            except BrokenPipeError:
                # The reader of our output has ended (``up | head``). The services must
                # still be stopped in order, so go on without output.
                self._stream = open(os.devnull, "w")  # noqa: PTH123, SIM115
