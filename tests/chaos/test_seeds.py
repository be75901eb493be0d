"""Two seeds of ``make chaos`` that need their own database server."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.plans import BLOCK, Kind, plan
from tests.chaos.tally import Result
from tests.support.live import ROOT

pytestmark = pytest.mark.chaos


def first_seed(kind: Kind) -> int:
    seeds = range(1, BLOCK + 1)
    return next(seed for seed in seeds if plan(seed, server=True).kind is kind)


def test_a_database_that_restarts_and_one_whose_answers_are_lost_lose_no_order(
    tmp_path: Path,
) -> None:
    seeds = [first_seed(Kind.DATABASE), first_seed(Kind.COMMITS)]
    command = [sys.executable, "-m", "tests.chaos.driver", "postgresql", str(tmp_path)]

    done = subprocess.run(
        [*command, *map(str, seeds)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )

    assert done.returncode == 0, done.stderr
    results = [Result.read(line) for line in done.stdout.splitlines()]
    assert [result.seed for result in results] == seeds
    assert [result.findings for result in results] == [(), ()]
    assert all(result.charges for result in results)
    assert all(result.recovery for result in results)
