"""Measure one sweep with a million finished sagas, on PostgreSQL.

``python -m benchmarks.sweep``; part of ``make bench``. It prints the median of the
sweeps, and that of the smallest query in between. The last line is JSON.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.compare import configure
from tests.support import postgres

SWEEPS = 101
BAR_MS = 20.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgres.own_server() as url:
        configure(Path(folder), url)
        # These modules read the environment.
        from django.db import connection  # noqa: PLC0415

        from saga.sweeper import sweep  # noqa: PLC0415
        from tests.support.million_sagas import FINISHED, fill  # noqa: PLC0415

        fill(FINISHED)
        sweep()
        sweeps, queries = [], []
        for _sweep in range(SWEEPS):
            sweeps.append(_milliseconds(sweep))
            with connection.cursor() as cursor:
                queries.append(_milliseconds(lambda: cursor.execute("SELECT 1")))
        connection.close()
    _report(FINISHED, median(sweeps), median(queries))


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _report(finished: int, sweep: float, query: float) -> None:
    print(  # noqa: T201
        f"one sweep, {finished:,} finished sagas: {sweep:.1f} ms"
        f" (bar: {BAR_MS:.0f} ms; the smallest query: {query:.2f} ms)"
    )
    figures = {"look_ms_p50": round(sweep, 2), "question_ms_p50": round(query, 3)}
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
