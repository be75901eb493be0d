"""How long the sweeper's look takes after a million finished sagas, on PostgreSQL.

``python -m benchmarks.sweep``; part of ``make bench``. Prints the median of the looks,
and of the smallest question that can be asked meanwhile. The last line is JSON.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.compare import configure
from tests.support import postgres

LOOKS = 101
BAR_MS = 20.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgres.own_server() as url:
        configure(Path(folder), url)
        # They read the environment.
        from django.db import connection  # noqa: PLC0415

        from saga.sweeper import sweep  # noqa: PLC0415
        from tests.support.million_sagas import FINISHED, fill  # noqa: PLC0415

        fill(FINISHED)
        sweep()
        looks, questions = [], []
        for _look in range(LOOKS):
            looks.append(_milliseconds(sweep))
            with connection.cursor() as cursor:
                questions.append(_milliseconds(lambda: cursor.execute("SELECT 1")))
        connection.close()
    _report(FINISHED, median(looks), median(questions))


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _report(finished: int, look: float, question: float) -> None:
    print(  # noqa: T201
        f"a look of the sweeper, {finished:,} finished sagas: {look:.1f} ms"
        f" (bar: {BAR_MS:.0f} ms; the smallest question: {question:.2f} ms)"
    )
    figures = {"look_ms_p50": round(look, 2), "question_ms_p50": round(question, 3)}
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
