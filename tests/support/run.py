"""Runs the tests: all of them on SQLite, the marked ones on PostgreSQL as well.

``python -m tests.support.run [--with-coverage] [pytest's arguments]``; the Makefile's
``test`` and ``check``. With arguments of pytest it is a partial run: coverage is not
judged, and a database on which nothing matches is no failure.
"""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support import chromium, postgres

ROOT = Path(__file__).parents[2]
# Two workers more than two cores have: three of them often wait for real processes.
PARALLEL = ("-n", "4", "--no-loadscope-reorder")


@dataclass(frozen=True)
class Outcome:
    """What came of one run of pytest on one database."""

    database: str
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def is_empty(self) -> bool:
        return self.code == pytest.ExitCode.NO_TESTS_COLLECTED

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with_coverage = "--with-coverage" in arguments
    selection = [word for word in arguments if word != "--with-coverage"]
    if not browser_is_there(required=not selection):
        return 1
    outcomes = run_on_both(selection, with_coverage=with_coverage)
    code = verdict(outcomes, partial=bool(selection))
    if with_coverage and not selection:
        code = judge_coverage() or code
    tell(outcomes)
    return code


def browser_is_there(*, required: bool) -> bool:
    try:
        chromium.provide(say)
    except chromium.NoBrowser as error:
        say(str(error))
        return not required
    return True


def run_on_both(selection: list[str], *, with_coverage: bool) -> list[Outcome]:
    without = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    with postgres.given_or_own() as url:
        on_sqlite = run("SQLite", selection, without, with_coverage=with_coverage)
        if on_sqlite.code == pytest.ExitCode.INTERRUPTED:
            return [on_sqlite]
        on_postgres = run(
            f"PostgreSQL-{postgres.version(url)}",
            ["--only-both-databases", *selection],
            {**without, "DATABASE_URL": url},
            with_coverage=with_coverage,
        )
    return [on_sqlite, on_postgres]


# Each run gets the database that it is for, and the test folder of nobody else.
HIDDEN = ("DATABASE_URL", "TODOKU_TESTS")


def run(
    database: str,
    selection: list[str],
    environment: dict[str, str],
    *,
    with_coverage: bool,
) -> Outcome:
    """Run pytest once; its output goes where ours goes."""
    say(f"--- on {database}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", *PARALLEL, f"--junitxml={report}"]
        if with_coverage:
            environment = {**environment, "COVERAGE_FILE": f".coverage.{database}"}
            command += ["--cov", "--cov-report=", "--cov-fail-under=0"]
        code = wait_for([*command, *selection], environment)
        return count(database, code, report)


def wait_for(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end. Ctrl-C reaches it by itself, and we wait for it."""
    child = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            child.wait()


def count(database: str, code: int, report: Path) -> Outcome:
    """Read the counts from pytest's report; without one, the run itself failed."""
    if not report.exists():
        return Outcome(database, code, failed=1)
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 - ours
    counts = {} if suite is None else suite.attrib
    failed = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
    skipped = int(counts.get("skipped", 0))
    total = int(counts.get("tests", 0))
    return Outcome(database, code, total - failed - skipped, failed, skipped)


def verdict(outcomes: list[Outcome], *, partial: bool) -> int:
    """Return the exit code: red as soon as anything was, or when nothing ran."""
    if all(outcome.is_empty for outcome in outcomes):
        return int(pytest.ExitCode.NO_TESTS_COLLECTED)
    codes = (o.code for o in outcomes if not (partial and o.is_empty))
    # A run that a signal ended has a negative code, and is as red as any other.
    return abs(next((code for code in codes if code != 0), 0))


def judge_coverage() -> int:
    """Combine what both runs covered and hold it against pyproject's threshold."""
    coverage = [sys.executable, "-m", "coverage"]
    environment = dict(os.environ)
    wait_for([*coverage, "combine", "--quiet"], environment)
    return wait_for([*coverage, "report"], environment)


def tell(outcomes: list[Outcome]) -> None:
    say("")
    for outcome in outcomes:
        say(f"{outcome.database}: {outcome}")
    total = Outcome(
        "all",
        0,
        sum(outcome.passed for outcome in outcomes),
        sum(outcome.failed for outcome in outcomes),
        sum(outcome.skipped for outcome in outcomes),
    )
    say(str(total))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
