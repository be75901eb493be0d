"""Run calls at the same time, in threads with their own connections."""

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
R = TypeVar("R")


def run_together(things: Iterable[T], act: Callable[[T], R]) -> list[R | Exception]:
    """Call ``act`` for every thing at the same time, each in its own thread.

    Return the results or exceptions, in the order of ``things``.
    """
    given = list(things)
    answers: list[R | Exception] = [RuntimeError("never ran")] * len(given)
    gate = threading.Barrier(len(given))

    def one(position: int) -> None:
        try:
            gate.wait(timeout=20)
            answers[position] = act(given[position])
        except Exception as error:  # noqa: BLE001 (returned to the test)
            answers[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(given))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def exceptions_in(answers: Iterable[object]) -> list[Exception]:
    """Return the exceptions among the answers of ``run_together``."""
    return [answer for answer in answers if isinstance(answer, Exception)]
