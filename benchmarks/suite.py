"""All benchmarks, and the one table of their figures: ``make bench``.

``python -m benchmarks.suite [MODULE ...]`` measures these modules of this package, or
all. Each runs in a process of its own, with databases of its own, one after the other.
With ``--markdown FILE`` the table is also written for the README. The exit code is 1 if
a module failed; a missed bar is printed, and fails nothing. With ``SHORT=1`` (or
``--short``) each measures little, and the table only tells orders of magnitude.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.report import SHORT, Row, markdown, show

# In the order of the table. Each has ``measure() -> list[Row]``.
MODULES = (
    *("pages", "serving", "compare", "waiting", "rush", "hot_row", "growth", "sweep"),
    *("api", "event_stream", "sales_statistics", "staff_list", "page_load", "memory"),
)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if options.into:
        (name,) = options.modules
        _measure(name, options.into)
        return 0
    if options.short:
        os.environ[SHORT] = "1"
    rows, failed = measure(options.modules or present())
    show(rows)
    if options.markdown:
        options.markdown.write_text(markdown(rows) + "\n")
    for name in failed:
        print(f"\nbenchmarks.{name} failed: its message is above")  # noqa: T201
    return 1 if failed else 0


def present() -> list[str]:
    """Return the modules that take part and exist."""
    return [name for name in MODULES if find_spec(f"benchmarks.{name}")]


def measure(modules: list[str]) -> tuple[list[Row], list[str]]:
    """Return the rows of the modules, and the modules that failed."""
    rows: list[Row] = []
    failed = []
    for name in modules:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)  # noqa: T201
        found = list(_rows(name))
        rows += found
        if not found:
            failed.append(name)
    return rows, failed


def _rows(name: str) -> Iterator[Row]:
    """Measure in a process of its own: each sets Django up for its own database."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "benchmarks.suite", name, "--into", str(into)]
        # What it prints itself is for those who run it alone.
        subprocess.run(command, check=False, stdout=sys.stderr)  # noqa: S603
        if into.exists():
            for fields in json.loads(into.read_text()):
                yield Row(**fields)


def _measure(name: str, into: Path) -> None:
    rows: list[Row] = import_module(f"benchmarks.{name}").measure()
    into.write_text(json.dumps([asdict(row) for row in rows]))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="default: all")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
