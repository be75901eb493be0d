"""The database's primary dies under load, and its standby takes over."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.tally import Result
from tests.support import standby
from tests.support.live import ROOT

pytestmark = pytest.mark.chaos
RUNBOOK = ROOT / "docs" / "operations" / "failover.md"


def test_no_order_is_lost_where_commits_wait_for_the_standby(tmp_path: Path) -> None:
    """Then, without waiting, one is lost and its charge is found (lost_commits.py)."""
    command = [sys.executable, "-m", "tests.chaos.driver", "replicated", str(tmp_path)]

    done = subprocess.run(
        [*command, "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )

    assert done.returncode == 0, done.stderr
    (result,) = [Result.read(line) for line in done.stdout.splitlines()]
    assert result.findings == ()
    assert result.charges
    assert result.recovery


@pytest.mark.parametrize(
    "statement",
    [standby.SYNCHRONOUS, standby.RELOAD, standby.PROMOTE, standby.WHO_FOLLOWS],
)
def test_the_runbook_gives_the_statements_that_are_tested(statement: str) -> None:
    assert statement in RUNBOOK.read_text()
