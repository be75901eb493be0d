"""A seed of ``make chaos WAREHOUSE=sandbox``, on processes of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandboxes.warehouse import faults
from tests.chaos.tally import Result
from tests.chaos.warehouse.plans import Kind, first_seed
from tests.support.live import ROOT

# On SQLite only, to save time: make chaos runs on both databases.
pytestmark = pytest.mark.chaos


def test_each_fault_of_the_warehouse_ends_right_and_so_do_cancellations(
    tmp_path: Path,
) -> None:
    seed = first_seed(Kind.EACH, server=False)
    command = [sys.executable, "-m", "tests.chaos.driver", "sqlite", str(tmp_path)]

    done = subprocess.run(
        [*command, str(seed)],
        cwd=ROOT,
        env={**os.environ, "WAREHOUSE": "sandbox"},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )

    assert done.returncode == 0, done.stderr
    result = Result.read(done.stdout)
    assert (result.kind, result.findings) == (Kind.EACH, ())
    assert result.charges >= len(faults.KINDS)
    assert set(result.warehouse.values()) == {0}
