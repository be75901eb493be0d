"""Run the tests of each mutant: ``python -m tests.mutants.judge``, see run.py.

A mutant costs only the time of its tests. One process collects the tests, makes the
database and finds out which test calls which function; then it forks for each mutant.
The fork runs the tests that call the mutated function: first those that noticed other
mutants of it, then the cheapest.
"""

import argparse
import math
import os
import sys
import time
from collections import Counter, defaultdict, deque
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

from tests.mutants.forks import Ended, Job, run_forked
from tests.mutants.outcomes import NOTICED, Outcome, Outcomes, function_of

# So many mutants from one report, and one saving, to the next.
REPORT_EVERY = 50


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--patterns", nargs="*", default=[])
    options = parser.parse_args(arguments)
    judge = Judge(options)
    settings = ["-q", "--capture=sys", "-p", "no:cacheprovider"]
    settings += ["-p", "tests.mutants.plugin", "-o", "tmp_path_retention_policy=none"]
    # To show a failure in pytest's own way takes longer than the test: it parses the
    # whole files that the traceback leads through.
    settings += ["--tb=native", "--assert=plain"]
    # Not in the usual place, where the next run of pytest clears up.
    settings += ["--basetemp", str(Path(os.environ["TODOKU_TESTS"]) / "pytest")]
    return int(pytest.main([*settings, *options.tests], plugins=[judge]))


class Judge:
    """Takes the place of pytest's loop over the tests."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.items: dict[str, pytest.Item] = {}
        # Test -> seconds of processor time; function -> the tests that call it.
        self.costs: dict[str, float] = {}
        self.callers: dict[str, set[str]] = defaultdict(set)
        # Function -> test -> how many of its mutants the test has noticed.
        self.successes: dict[str, Counter[str]] = defaultdict(Counter)
        self.mutants: deque[str] = deque()
        # Tests that were seen to pass in a fork without a mutant, and those to be seen.
        self.trusted: set[str] = set()
        self.trials: deque[str] = deque()
        # Test on trial -> the mutants it has noticed, if it can be trusted.
        self.waiting: dict[str, list[Ended]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self._measure()
        self._judge()
        session._setupstate.teardown_exact(None)
        return True

    def _measure(self) -> None:
        """Run every test once, without a mutant. What fails or is skipped is out."""
        called: set[str] = set()
        trampoline.record_trampoline_hit = lambda name, **_: called.add(name)
        trampoline.set_mutant_under_test("stats")
        for test in self.items:
            called.clear()
            before = time.process_time()
            reports = self._run(test)
            if any(not report.passed for report in reports):
                say(f"{test} is left out: {_why(reports)}")
                continue
            self.costs[test] = time.process_time() - before
            for function in called:
                self.callers[function].add(test)
        trampoline.set_mutant_under_test("")
        say(f"{len(self.costs)} tests cost {sum(self.costs.values()):.0f} s")

    def _judge(self) -> None:
        outcomes = Outcomes(Path.cwd())
        options = self.options
        to_run = outcomes.to_run(
            options.patterns, only_new=options.new, again=options.again
        )
        for mutant in to_run:
            if self._callers(mutant):
                self.mutants.append(mutant)
            else:
                outcomes.add(mutant, Outcome.NO_TESTS)
        say(f"{len(self.mutants)} mutants to run")
        ended = run_forked(self._next_job, self._passes, self.options.children)
        for number, each in enumerate(ended, start=1):
            self._take(each, outcomes)
            if number % REPORT_EVERY == 0:
                outcomes.save()
                say(f"{outcomes}, {len(self.mutants)} to run")
        outcomes.save()
        say(str(outcomes))

    def _next_job(self) -> Job | None:
        if self.trials:
            test = self.trials.popleft()
            return Job("", {test: self.costs[test]})
        return self._job(self.mutants.popleft()) if self.mutants else None

    def _job(self, mutant: str) -> Job:
        """Return the mutant with its tests: who noticed most, then who costs least."""
        successes = self.successes[function_of(mutant)]
        callers = self._callers(mutant)
        tests = sorted(callers, key=lambda test: (-successes[test], self.costs[test]))
        chosen: dict[str, float] = {}
        for test in tests:
            if chosen and sum(chosen.values()) > self.options.seconds:
                break
            chosen[test] = self.costs[test]
        return Job(mutant, chosen, is_whole=len(chosen) == len(tests))

    def _callers(self, mutant: str) -> set[str]:
        return self.callers.get(function_of(mutant), set()) & self.costs.keys()

    def _take(self, ended: Ended, outcomes: Outcomes) -> None:
        """Note an outcome, or put the test on trial on whose word it rests.

        A test that fails in a fork even without a mutant would kill them all.
        """
        mutant, test = ended.job.mutant, ended.test
        if not mutant:
            self._end_trial(ended, outcomes)
        elif ended.outcome not in NOTICED or test in self.trusted:
            self._add(ended, outcomes)
        elif test in self.waiting:
            self.waiting[test].append(ended)
        elif test in self.costs:
            self.waiting[test] = [ended]
            self.trials.append(test)
        else:
            self.mutants.append(mutant)

    def _end_trial(self, trial: Ended, outcomes: Outcomes) -> None:
        [test] = trial.job.tests
        noticed = self.waiting.pop(test)
        if trial.outcome is Outcome.SURVIVED:
            self.trusted.add(test)
            for each in noticed:
                self._add(each, outcomes)
            return
        say(f"{test} fails in a fork")
        del self.costs[test]
        self.mutants.extend(each.job.mutant for each in noticed)

    def _add(self, ended: Ended, outcomes: Outcomes) -> None:
        mutant = ended.job.mutant
        outcomes.add(mutant, ended.outcome)
        if ended.outcome in NOTICED:
            self.successes[function_of(mutant)][ended.test] += 1

    def _passes(self, test: str) -> bool:
        return not any(report.failed for report in self._run(test))

    def _run(self, test: str) -> list[pytest.TestReport]:
        item = self.items[test]
        following: Any = _SessionOnly(item.session)
        return runtestprotocol(item, nextitem=following, log=False)


class _SessionOnly:
    """Stands for the next test: of the fixtures, those of the session stay."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def listchain(self) -> list[object]:
        return [self._session]


def _why(reports: list[pytest.TestReport]) -> str:
    """Return the last line of what the first report says that did not pass."""
    text = next(each.longreprtext for each in reports if not each.passed)
    return text.strip().rpartition("\n")[2]


def say(text: str) -> None:
    # Not through sys.stderr, which pytest captures.
    os.write(2, f"{text}\n".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
