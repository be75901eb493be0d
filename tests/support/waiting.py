"""Wait until a condition is true, instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    look: Callable[[], T | None],
    what: str,
    *,
    seconds: float = 30.0,
    pause: float = 0.05,
) -> T:
    """Call ``look`` again and again. Return its first true answer.

    Raises AssertionError with ``what`` and the last answer after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            message = f"not within {seconds:g} s: {what} (last answer: {answer!r})"
            raise AssertionError(message)
        time.sleep(pause)
