"""Measure one sweep with a million finished sagas, on PostgreSQL.

``python -m benchmarks.sweep``; part of ``make bench``. The smallest query in between
shows how much of it is the way to the database and back.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.processes import configure
from benchmarks.report import Row, is_short, show
from tests.support import postgres

SWEEPS = 101
SHORT = 20_000
BAR_MS = 20.0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, postgres.own_server() as url:
        configure(Path(folder), url)
        # These modules read the environment.
        from django.db import connection  # noqa: PLC0415

        from saga.sweeper import sweep  # noqa: PLC0415
        from tests.support.million_sagas import FINISHED, fill  # noqa: PLC0415

        finished = SHORT if is_short() else FINISHED
        fill(finished)
        sweep()
        sweeps, queries = [], []
        for _sweep in range(SWEEPS):
            sweeps.append(_milliseconds(sweep))
            with connection.cursor() as cursor:
                queries.append(_milliseconds(lambda: cursor.execute("SELECT 1")))
        connection.close()
    what = f"one sweep after {finished:,} ended sagas"
    return [
        Row(what, median(sweeps), "ms", at_most=BAR_MS),
        Row("the smallest query", median(queries), "ms"),
    ]


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    show(measure())
