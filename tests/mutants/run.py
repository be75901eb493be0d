"""Change the code in small ways and see whether a test notices: ``make mutants``.

``python -m tests.mutants.run [--since COMMIT | --all | PATTERN ...]``. Without
arguments: the functions changed since the work left the main branch. ``--tests`` runs
only some tests, ``--seconds`` only the cheapest of each mutant, ``--new`` only mutants
that never ran, ``--again`` also those of functions judged before (``judged.txt``), and
``--list`` nothing: it lists the survivors of before. Exits with 1 if a mutant survives
that ``explained.toml`` does not explain.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import workspace
from tests.mutants.changes import changed_functions
from tests.mutants.judged import remember
from tests.mutants.survivors import Survivor, explained, survivor

# In an environment of its own: see the Makefile.
PYTHON = workspace.ROOT / ".venv-mutants" / "bin" / "python"


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    patterns: list[str] = options.patterns
    if not patterns and not options.all:
        since = options.since or _left_main_at()
        patterns = sorted(changed_functions(since, _mutated_paths()))
        if not patterns:
            _say(f"No function that mutants are made of has changed since {since}.")
            return 0
    with tempfile.TemporaryDirectory(prefix="todoku-mutants-") as folder:
        if not options.list:
            workspace.refresh()
            tests = options.tests or _settings("pytest_add_cli_args_test_selection")
            more = ["--children", str(options.children)]
            more += ["--new"] * options.new + ["--again"] * options.again
            more += ["--seconds", str(options.seconds)] if options.seconds else []
            run = _judge([*more, "--tests", *tests, "--patterns", *patterns], folder)
            if run:
                return run
        return _report(_mutants(folder, patterns))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--all", action="store_true", help="every function")
    parser.add_argument("--since", default="", help="functions changed since a commit")
    parser.add_argument("--children", type=int, default=2, help="forks at a time")
    parser.add_argument("--tests", nargs="+", help="such as tests/inventory")
    parser.add_argument("--new", action="store_true", help="mutants that never ran")
    parser.add_argument("--again", action="store_true", help="and judged functions")
    parser.add_argument("--seconds", type=float, help="of the tests of one mutant")
    parser.add_argument("--list", action="store_true", help="the survivors of before")
    parser.add_argument("patterns", nargs="*", help='such as "inventory.services*"')
    return parser


def _settings(name: str) -> list[str]:
    settings = tomllib.loads((workspace.ROOT / "pyproject.toml").read_text())
    values: list[str] = settings["tool"]["mutmut"][name]
    return values


def _mutated_paths() -> list[str]:
    return [glob.removesuffix("/*") for glob in _settings("only_mutate")]


def _left_main_at() -> str:
    """Return where this branch left the main one; on the main one, what is pushed."""
    for main_branch in ("origin/main", "main"):
        command = ["git", "merge-base", "HEAD", main_branch]
        base = subprocess.run(
            command, cwd=workspace.ROOT, check=False, capture_output=True, text=True
        )
        if base.returncode == 0:
            return base.stdout.strip()
    return "HEAD"


def _judge(options: list[str], data_dir: str) -> int:
    """Write the mutated code, and run the tests of each mutant. Return an exit code."""
    for folder, command in (
        (workspace.WORKSPACE, ["tests.mutants.generate"]),
        (workspace.RESULTS, ["tests.mutants.judge", *options]),
    ):
        run = _run(command, folder, data_dir)
        if run.returncode:
            return run.returncode
    return 0


@dataclass(frozen=True)
class Mutant:
    """A mutant after the run. ``survivor`` is None if a test noticed it."""

    function: str
    digest: str
    has_run: bool
    survivor: Survivor | None


def _mutants(data_dir: str, patterns: list[str]) -> list[Mutant]:
    command = ["tests.mutants.listing", *patterns]
    listed = _run(command, workspace.WORKSPACE, data_dir, stdout=subprocess.PIPE)
    listed.check_returncode()
    return [_mutant(*json.loads(line)) for line in listed.stdout.splitlines()]


def _mutant(name: str, digest: str, has_run: bool, diff: str) -> Mutant:
    function = name.rpartition("__mutmut_")[0]
    return Mutant(function, digest, has_run, survivor(name, diff) if diff else None)


def _run(
    command: list[str], folder: Path, data_dir: str, stdout: int | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-m", *command],
        cwd=folder,
        env=os.environ | {"TODOKU_TESTS": data_dir},
        check=False,
        text=True,
        stdout=stdout,
    )


def _report(mutants: list[Mutant]) -> int:
    known = explained()
    remember(outcome_by_function(mutants, known))
    survivors = [each.survivor for each in mutants if each.survivor]
    unexplained = [each for each in survivors if each not in known]
    for each in unexplained:
        _say(f"\nNo test notices this change of {each}")
    _say(
        f"\n{len(survivors)} mutants survived, {len(unexplained)} of them unexplained."
        " Write the test that notices them, or say in tests/mutants/explained.toml why"
        " they change nothing."
        if unexplained
        else f"\n{len(survivors)} mutants survived, all of them explained."
    )
    return 1 if unexplained else 0


def outcome_by_function(
    mutants: Iterable[Mutant], known: Container[Survivor]
) -> dict[str, tuple[str, bool]]:
    """Return function -> its digest, and whether all its mutants may be forgotten.

    A function of which some mutant never ran says nothing.
    """
    by_function: dict[str, list[Mutant]] = defaultdict(list)
    for each in mutants:
        by_function[each.function].append(each)
    return {
        function: (
            group[0].digest,
            all(each.survivor is None or each.survivor in known for each in group),
        )
        for function, group in by_function.items()
        if all(each.has_run for each in group)
    }


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
