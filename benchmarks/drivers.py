"""The processes in which DBOS runs, fed over their standard input."""

import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec

from benchmarks.processes import running


def is_installed() -> bool:
    """Return whether DBOS is installed; only ``make bench`` installs it."""
    return find_spec("dbos") is not None


class Drivers:
    """``count`` processes that share the work."""

    def __init__(self, stack: ExitStack, url: str, count: int) -> None:
        self._processes = [
            stack.enter_context(
                running(
                    [sys.executable, "-m", "benchmarks.dbos_saga", url],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _number in range(count)
        ]
        for process in self._processes:
            _expect(process, "ready")

    def run_empty(self, count: int) -> float:
        """Run ``count`` workflows that do nothing. Return the seconds it took."""
        number = len(self._processes)
        return self._run(
            [
                str(share) if (share := count // number + (n < count % number)) else ""
                for n in range(number)
            ]
        )

    def run_orders(self, numbers: Sequence[str]) -> float:
        """Run a workflow for each placed order. Return the seconds it took."""
        number = len(self._processes)
        return self._run([" ".join(numbers[n::number]) for n in range(number)])

    def _run(self, lines: Sequence[str]) -> float:
        begin = time.perf_counter()
        pairs = zip(self._processes, lines, strict=True)
        busy = [(process, line) for process, line in pairs if line]
        for process, line in busy:
            print(line, file=process.stdin, flush=True)
        for process, _line in busy:
            _expect(process, "done")
        return time.perf_counter() - begin


def _expect(process: subprocess.Popen[str], word: str) -> None:
    for line in process.stdout or ():
        if line.strip() == word:
            return
    message = f"DBOS ended before it said {word!r}"
    raise RuntimeError(message)
