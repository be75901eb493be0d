"""Run the tests: all of them on SQLite, then the marked ones on PostgreSQL.

``python -m tests.support.run [--quick | --with-coverage] [pytest's arguments]``; the
Makefile's ``quick``, ``test`` and ``check``. With arguments of pytest it is a partial
run: coverage is not checked, and a database on which nothing matches is no failure.
``--quick`` runs the units: on SQLite only, without a browser, without the real
processes and without what is marked ``long``. It fails if a unit costs too much.
"""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support import apt, chromium, faketime, nginx, postgres
from tests.support.cost import MOST_OF_A_UNIT, Cost, read_costs

ROOT = Path(__file__).parents[2]
QUICK, WITH_COVERAGE = "--quick", "--with-coverage"
# Tests that start processes or a browser, or try every combination; "make quick" leaves
# them out.
SLOW = (
    "tests/browser",
    "tests/chaos",
    "tests/dashboard_matrix",
    "tests/delayed_payments",
    "tests/deploy",
    "tests/fault_matrix",
    "tests/fuzz",
    "tests/journeys",
    "tests/sandboxes",
    "tests/shop/local",
    "tests/support",
    "tests/truth_matrix",
)
# Four processes on two cores: three of them often wait for a live stack. Units never
# wait: more processes than cores would only read the same modules again.
PARALLEL = ("-n", "4", "--no-loadscope-reorder")
UNITS_PARALLEL = ("-n", "logical", "--no-loadscope-reorder")
# Where the time of a whole run goes; seconds by the clock.
SLOWEST = ("--durations=20", "--durations-min=5")


@dataclass(frozen=True)
class Outcome:
    """The result of one run of pytest on one database."""

    database: str
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    costs: list[Cost] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return self.code == pytest.ExitCode.NO_TESTS_COLLECTED

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = {QUICK, WITH_COVERAGE} & set(arguments)
    selection = [word for word in arguments if word not in options]
    if QUICK in options:
        return run_quickly(selection)
    with_coverage = WITH_COVERAGE in options
    if not browser_is_there(required=not selection):
        return 1
    provide_wrong_clocks()
    provide_what_reads_deploy()
    outcomes = run_on_both(selection, with_coverage=with_coverage)
    code = verdict(outcomes, partial=bool(selection))
    if with_coverage and not selection:
        code = check_coverage() or code
    print_counts(outcomes)
    return code


def run_quickly(selection: list[str]) -> int:
    """Run the units on SQLite. Return pytest's code, or 1 if one costs too much."""
    left_out = [f"--ignore={path}" for path in SLOW]
    units = ["-m", "not browser and not long", *left_out, *selection]
    arguments = [*UNITS_PARALLEL, *units]
    outcome = run("SQLite", arguments, own_environment(), with_coverage=False)
    refused = print_costs(outcome.costs)
    print_counts([outcome])
    return verdict([outcome], partial=False) or int(refused)


def browser_is_there(*, required: bool) -> bool:
    try:
        chromium.provide(say)
    except chromium.NoBrowser as error:
        say(str(error))
        return not required
    return True


def provide_wrong_clocks() -> None:
    """Install libfaketime; where that is impossible, its tests are skipped."""
    try:
        faketime.provide(say)
    except faketime.NoFaketime as error:
        say(str(error))


def provide_what_reads_deploy() -> None:
    """Install nginx, Compose and Prometheus, or have their tests skipped."""
    try:
        nginx.provide(say)
    except nginx.NoNginx as error:
        say(str(error))
    apt.provide("docker-compose", "docker-compose", say)
    apt.provide("promtool", "prometheus", say)


def run_on_both(selection: list[str], *, with_coverage: bool) -> list[Outcome]:
    with postgres.given_or_own() as url:
        whole = [*PARALLEL, *SLOWEST, *selection]
        on_sqlite = run("SQLite", whole, own_environment(), with_coverage=with_coverage)
        if on_sqlite.code == pytest.ExitCode.INTERRUPTED:
            return [on_sqlite]
        on_postgres = run(
            f"PostgreSQL-{postgres.version(url)}",
            ["--only-both-databases", *whole],
            {**own_environment(), "DATABASE_URL": url},
            with_coverage=with_coverage,
        )
    return [on_sqlite, on_postgres]


def own_environment() -> dict[str, str]:
    """Return our environment without another run's database and folder."""
    hidden = ("DATABASE_URL", "TODOKU_TESTS")
    return {name: value for name, value in os.environ.items() if name not in hidden}


def run(
    database: str,
    selection: list[str],
    environment: dict[str, str],
    *,
    with_coverage: bool,
) -> Outcome:
    """Run pytest once, with its output in ours. Return the counts."""
    say(f"--- on {database}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}"]
        if with_coverage:
            environment = {**environment, "COVERAGE_FILE": f".coverage.{database}"}
            command += ["--cov", "--cov-report=", "--cov-fail-under=0"]
        code = wait_for([*command, *selection], environment)
        return count(database, code, report)


def wait_for(command: list[str], environment: dict[str, str]) -> int:
    """Run a command and return its exit code. Ctrl-C reaches it, and we wait for it."""
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
    """Return the counts of pytest's report. Without a report the run has failed."""
    if not report.exists():
        return Outcome(database, code, failed=1)
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 - ours
    counts = {} if suite is None else suite.attrib
    failed = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
    skipped = int(counts.get("skipped", 0))
    total = int(counts.get("tests", 0))
    passed = total - failed - skipped
    return Outcome(database, code, passed, failed, skipped, read_costs(report))


def verdict(outcomes: list[Outcome], *, partial: bool) -> int:
    """Return the exit code: 0 only if something ran and nothing failed."""
    if all(outcome.is_empty for outcome in outcomes):
        return int(pytest.ExitCode.NO_TESTS_COLLECTED)
    codes = (o.code for o in outcomes if not (partial and o.is_empty))
    # The code of a run that a signal ended is negative.
    return abs(next((code for code in codes if code != 0), 0))


def check_coverage() -> int:
    """Combine the coverage of both runs and compare it with pyproject's threshold."""
    coverage = [sys.executable, "-m", "coverage"]
    environment = dict(os.environ)
    wait_for([*coverage, "combine", "--quiet"], environment)
    return wait_for([*coverage, "report"], environment)


def print_costs(costs: list[Cost], shown: int = 10) -> bool:
    """Print the dearest units. Return whether one costs too much to be a unit."""
    say("")
    total = sum(cost.seconds for cost in costs)
    say(
        f"The dearest of {len(costs)} units, which took {total:.0f} s of the processor:"
    )
    for cost in costs[:shown]:
        say(str(cost))
    refused = [cost for cost in costs if cost.seconds > MOST_OF_A_UNIT]
    if refused:
        say(f"{len(refused)} cost more than {MOST_OF_A_UNIT:g} s. See CONTRIBUTING.md.")
    return bool(refused)


def print_counts(outcomes: list[Outcome]) -> None:
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
