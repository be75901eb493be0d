"""A progress bar for long work, shown on terminals only."""

from django.core.management.base import OutputWrapper

_WIDTH = 30


class Progress:
    """Draws the bar on ``err`` each time it is called with how many are done."""

    def __init__(self, err: OutputWrapper, total: int) -> None:
        self._err = err
        self._total = total
        self._is_shown = err.isatty() and total > 1

    def __call__(self, done: int) -> None:
        if not self._is_shown:
            return
        full = _WIDTH * done // self._total
        bar = "#" * full + "." * (_WIDTH - full)
        end = "\n" if done == self._total else ""
        self._err.write(f"\r[{bar}] {done}/{self._total}", ending=end)
        self._err.flush()


class Counting:
    """Writes how much is done where nobody knows how much there is; on terminals."""

    def __init__(self, err: OutputWrapper, what: str) -> None:
        self._err = err
        self._what = what
        self._is_shown = err.isatty()

    def __call__(self, done: int) -> None:
        if self._is_shown:
            self._err.write(f"\r{self._what}: {done}", ending="")
            self._err.flush()
